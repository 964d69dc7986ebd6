/** Brings chosen or dropped files to the engine: by path where the host knows it, else by uploading them. */
import type { Client } from '../../../../main/contract/index.ts'
import type { HostBridge } from '../../api/host.ts'
import type { Formats, Messages } from '../../i18n/index.ts'
import type { News } from '../../state/news.svelte.ts'
import type { Route } from '../../state/route.svelte.ts'
import type { Toasts } from '../../state/toasts.svelte.ts'

/** What it needs of the app. */
type Adding = {
  readonly client: Client
  readonly host: HostBridge
  readonly t: Messages
  readonly formats: Formats
  readonly news: News
  readonly route: Route
  readonly toasts: Toasts
}

export async function addFiles(app: Adding, files: readonly File[]): Promise<void> {
  const paths: string[] = []
  let shownAt = 0
  for (const [i, file] of files.entries()) {
    const path = app.host.pathOf(file)
    if (path === null && i >= shownAt) {
      app.toasts.show(app.t.drop.uploading(app.formats.count(i + 1), app.formats.count(files.length)))
      shownAt = i + 25
    }
    paths.push(path ?? (await app.host.upload(file, new AbortController().signal)))
  }
  await addPaths(app, paths)
}

export async function addPaths(app: Adding, paths: readonly string[]): Promise<void> {
  if (paths.length === 0) return
  const { job } = await app.client.startImport({ paths: [...paths] })
  app.news.setJob(job)
  app.toasts.show(app.t.drop.started(paths.length))
  app.route.go('library')
}
