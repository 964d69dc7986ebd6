/** What the commands around the customer's vision model print for people. Pure. */
import type { EndpointInfo, ProcedureOutput } from '../../contract/index.ts'
import { count, duration } from '../words.ts'
import { shownProblems } from './lines.ts'

export const endpointReports = {
  endpoint: (info: ProcedureOutput<'endpoint'>): string => standing(info),
  changeEndpoint: (info: ProcedureOutput<'changeEndpoint'>): string => standing(info),
  testEndpoint({ host, model, dialect, models, seconds }: ProcedureOutput<'testEndpoint'>): string {
    const others = models.filter((name) => name !== model).slice(0, 10)
    return (
      `${host} answers as ${model} and can see (${dialect === 'ollama' ? "Ollama's own chat" : 'OpenAI-compatible chat'}, ${seconds.toFixed(1)} s).\n` +
      (others.length === 0 ? '' : `It has also: ${others.join(', ')}\n`)
    )
  },
  estimateDescriptions(output: ProcedureOutput<'estimateDescriptions'>): string {
    const { shots, videos, estimatedSeconds, tokens, cost, estimatedFrom, host, model } = output
    if (shots === 0) return 'Every shot has a trusted text or a description already.\n'
    const where = host === null ? 'no vision model is set yet' : `${host}${model === '' ? '' : ` as ${model}`}`
    const price = cost === null ? '' : `, which costs ${cost.toFixed(2)}`
    return (
      `${count(shots, 'shot')} of ${count(videos, 'video')}: about ${duration(estimatedSeconds)} and ${Math.round(tokens / 1000)} thousand tokens${price}.\n` +
      `A picture of each shot would go to: ${where}.\n` +
      (estimatedFrom === 'here' ? '' : 'This is a guess: no description has been written with this model yet.\n')
    )
  },
  generateDescriptions(output: ProcedureOutput<'generateDescriptions'>): string {
    const { written, failed, host, model, elapsedSeconds } = output
    const missed = failed
      .slice(0, shownProblems)
      .map(({ file, message }) => `  ${file}: ${message}\n`)
      .join('')
    return (
      `${count(written, 'description')} by ${model} at ${host}, in ${duration(elapsedSeconds)}.\n` +
      (failed.length === 0 ? '' : `${count(failed.length, 'shot')} got none:\n${missed}`) +
      (written === 0 ? '' : 'They are marked as generated; remove them at any time with: mama descriptions remove\n')
    )
  },
  removeDescriptions: ({ removed }: ProcedureOutput<'removeDescriptions'>): string =>
    `${count(removed, 'generated description')} removed.\n`,
}

function standing(info: EndpointInfo): string {
  const { isOn, address, model, dialect, keyFrom, isNetworkingAllowed, generatedDescriptions } = info
  if (address === '')
    return 'There is no vision model. Give its address with: mama endpoint set http://localhost:11434\n'
  const limits = `${count(info.concurrency, 'request')} at a time${info.requestsPerMinute === null ? '' : `, at most ${info.requestsPerMinute} a minute`}`
  const key = keyFrom === null ? 'no key (MAMA_ENDPOINT_KEY)' : `a key from the ${keyFrom}`
  return (
    `The vision model is ${isOn ? 'on' : 'off'}: ${address}, ${model === '' ? 'the first model that it lists' : model}, dialect ${dialect}, ${key}, ${limits}.\n` +
    (isOn && !isNetworkingAllowed
      ? 'The settings do not allow networking: nothing is sent unless a command has --allow-network.\n'
      : '') +
    (generatedDescriptions === 0
      ? ''
      : `${count(generatedDescriptions, 'description')} in the library are generated.\n`)
  )
}
