/** Dropped or chosen files as an encoder to add: a folder or an archive by its path, an archive of a browser by uploading it. */
import type { App } from '../../state/app.svelte.ts'

/** @param isFolder whether the system said that it is a folder; browsers cannot hand one over */
export function addEncoderFile(app: App, file: File, isFolder = false): void {
  const path = app.host.pathOf(file)
  if (path === null && isFolder) return app.toasts.show(app.t.encoders.browserFolder, { tone: 'bad' })
  bring(app, file.name, async (signal) => path ?? (await app.host.upload(file, signal)))
}

/** @param path what stands for a file or folder towards the engine */
export function addEncoderPath(app: App, path: string, name = nameOf(path)): void {
  bring(app, name, () => Promise.resolve(path))
}

function bring(app: App, name: string, sourceOf: (signal: AbortSignal) => Promise<string>): void {
  app.route.go('models')
  if (app.encoderWork.isBusy) app.toasts.show(app.t.encoders.oneAtATime, { tone: 'bad' })
  else void app.encoderWork.begin({ kind: 'add', name, sourceOf })
}

function nameOf(path: string): string {
  return path.split(/[\\/]/).findLast((part) => part !== '') ?? path
}
