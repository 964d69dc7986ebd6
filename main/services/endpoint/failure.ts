/** Why a vision model could not be used, as errors and sentences. Pure. */
import { AppError, type EndpointProblem } from '../../contract/index.ts'

/** One request came to nothing; `isLasting`: no other one would go better. */
export class EndpointFailure extends Error {
  readonly problem: EndpointProblem
  readonly isLasting: boolean
  constructor(problem: EndpointProblem, host: string, detail: string, isLasting: boolean) {
    super(sentenceOf(problem, host, detail))
    this.name = 'EndpointFailure'
    this.problem = problem
    this.isLasting = isLasting
  }
}

export function appErrorOf({ problem, message }: EndpointFailure, host: string): AppError {
  return new AppError('endpoint.failed', message, { reason: problem, host })
}

const sentences: Readonly<Record<EndpointProblem, string>> = {
  unreachable: 'cannot be reached. See whether the server runs and whether the address is right.',
  silent: 'gives no answer. The model may be too large for its computer.',
  loading: 'is still loading its model. Try again in some minutes.',
  busy: 'has too much to do. Allow fewer requests a minute, or try again later.',
  redirected: 'leads on to another address. Give the final address in the settings: pictures go nowhere else.',
  key: 'refuses the key. Give the right one.',
  address: 'has no chat at this address. Addresses mostly end with /v1.',
  model: 'does not have this model. Choose one that it lists.',
  blind: 'answers that its model cannot see. Choose a vision model.',
  context: 'cannot hold so many pictures. Give its model a larger context.',
  tooLong: 'answers without end.',
  cutOff: 'does not come to an end with its answer. Choose a model that thinks less.',
  nonsense: 'answers in another form than was asked for.',
  server: 'reports a failure.',
  picture: 'was not asked, because there is no picture at that moment.',
}

function sentenceOf(problem: EndpointProblem, host: string, detail: string): string {
  return `The vision model at ${host} ${sentences[problem]}${detail === '' ? '' : ` (${detail})`}`
}
