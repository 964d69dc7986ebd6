/**
 * A model hub: what a model has, what a download would fetch, and the download itself, into a folder that an import reads.
 * A download that was stopped goes on, because its folder is named after the commit.
 */
import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { AppError } from '../contract/index.ts'
import { downloadFile } from './download-file.ts'
import { slug } from './family.ts'
import { isModelName, neededFiles, parseModel, parseTree, type HubFile, type HubModel } from './hub-listing.ts'
import { expectStatus, NetworkProblem, type HttpClient } from './http-client.ts'
import type { Precision } from './manifest.ts'
import { ExportProblem } from './refusal.ts'
import { checkDisk } from './unpack.ts'

export type HubOptions = {
  /** Address of the hub, such as `https://huggingface.co`. */
  readonly hubUrl: string
  readonly http: HttpClient
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}

export type HubRequest = {
  /** `owner/name` */
  readonly name: string
  /** Branch, tag or commit; default `main`. */
  readonly revision?: string | undefined
  readonly precision?: Precision | undefined
  readonly signal: AbortSignal
}

export type HubPlan = { readonly model: HubModel; readonly files: readonly HubFile[]; readonly totalBytes: number }

/** Asks for the list of files and their sizes only. @throws AppError `network.failed`, `encoder.invalid`, `usage` */
export async function planDownload({ hubUrl, http }: HubOptions, request: HubRequest): Promise<HubPlan> {
  const { name, revision = 'main', precision, signal } = request
  if (!isModelName(name)) {
    throw new AppError('usage', `"${name}" is no name of a model. Names look like owner/model.`, { name })
  }
  return explained(name, signal, async () => {
    const json = async (url: string): Promise<{ content: unknown; next: string | null }> => {
      const response = await http.get(url, { signal, headers: { accept: 'application/json' } })
      await expectStatus(response, name, 200)
      const next = /<([^>]+)>;\s*rel="next"/.exec(response.headers.get('link') ?? '')?.[1] ?? null
      const content: unknown = await response.json().catch((cause: unknown) => {
        throw new NetworkProblem(`the hub answered in an unknown form`, { cause })
      })
      return { content, next: next === null ? null : new URL(next, url).href }
    }
    const api = `${hubUrl}/api/models/${name}`
    const { commit, licence } = parseModel((await json(`${api}/revision/${encodeURIComponent(revision)}`)).content)
    const files: HubFile[] = []
    for (
      let url: string | null = `${api}/tree/${commit}?recursive=true`, pages = 0;
      url !== null && pages < 50;
      pages++
    ) {
      const page = await json(url)
      files.push(...parseTree(page.content))
      url = page.next
    }
    const needed = neededFiles(files, precision ?? null)
    const totalBytes = needed.reduce((sum, { sizeBytes }) => sum + sizeBytes, 0)
    return { model: { name, commit, licence, files }, files: needed, totalBytes }
  })
}

/**
 * @param downloadsDir folder for downloads that are not finished
 * @returns the folder that now holds the export
 * @throws AppError `network.failed`, `disk.full`; the abort reason, with what arrived kept
 */
export async function downloadExport(
  { hubUrl, http, wait }: HubOptions,
  { model, files, totalBytes }: HubPlan,
  downloadsDir: string,
  options: { readonly signal: AbortSignal; readonly onBytes: (done: number, total: number) => void },
): Promise<string> {
  const { signal, onBytes } = options
  const folder = join(downloadsDir, `${slug(model.name.replace('/', '-'))}@${model.commit.slice(0, 12)}`)
  await mkdir(folder, { recursive: true })
  // The import copies what was downloaded.
  await checkDisk(downloadsDir, totalBytes * 2)
  await explained(model.name, signal, async () => {
    let before = 0
    for (const file of files) {
      const url = `${hubUrl}/${model.name}/resolve/${model.commit}/${file.path.split('/').map(encodeURIComponent).join('/')}`
      await downloadFile({
        ...{ http, url, file, target: join(folder, file.path), signal, wait },
        onBytes: (done) => onBytes(before + done, totalBytes),
      })
      before += file.sizeBytes
    }
  })
  return folder
}

async function explained<T>(name: string, signal: AbortSignal, work: () => Promise<T>): Promise<T> {
  try {
    return await work()
  } catch (error) {
    signal.throwIfAborted()
    if (error instanceof NetworkProblem) {
      const message = `"${name}" could not be downloaded because ${error.message}. What arrived is kept; try again later.`
      throw new AppError('network.failed', message, { name, reason: error.message }, { cause: error })
    }
    if (error instanceof ExportProblem) {
      const message = `"${name}" cannot be used as an encoder because ${error.message}.`
      throw new AppError('encoder.invalid', message, { bundle: name, reason: error.message }, { cause: error })
    }
    throw error
  }
}
