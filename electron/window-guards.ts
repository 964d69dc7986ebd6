/** What the window's contents may never do, whatever the page says. Runs in Electron's main process. */
import { shell, type Session, type WebContents } from 'electron'
import { isExternalUrl, isInPageUrl, isOwnUrl } from './allowed-urls.ts'

/** What the window needs; everything else that a page can ask for is denied. */
const allowedPermissions = new Set(['fullscreen', 'clipboard-sanitized-write'])

export function guardSession(session: Session, isNetworkingAllowed: () => boolean): void {
  session.setPermissionRequestHandler((_, permission, answer, { requestingUrl }) =>
    answer(allowedPermissions.has(permission) && isOwnUrl(requestingUrl)),
  )
  session.setPermissionCheckHandler(
    (_, permission, origin) =>
      allowedPermissions.has(permission) && isOwnUrl(origin.endsWith('/') ? origin : `${origin}/`),
  )
  session.setDevicePermissionHandler(() => false)
  session.webRequest.onBeforeRequest(({ url }, answer) =>
    answer({ cancel: !isOwnUrl(url) && !isInPageUrl(url) && !isNetworkingAllowed() }),
  )
  // No proxy is asked for, either: finding one is a request, too.
  void session.setProxy({ mode: 'direct' })
  session.on('will-download', (event, item) => {
    if (!isOwnUrl(item.getURL()) && !isInPageUrl(item.getURL())) event.preventDefault()
  })
}

/** Also for contents that are made later, such as those of a webview that should not have been. */
export function guardContents(contents: WebContents): void {
  contents.on('will-navigate', (event) => {
    if (!isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-frame-navigate', (event) => {
    if (!isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-redirect', (event) => {
    if (!isOwnUrl(event.url)) event.preventDefault()
  })
  contents.on('will-attach-webview', (event) => event.preventDefault())
  contents.setWindowOpenHandler(({ url }) => {
    if (isExternalUrl(url)) void shell.openExternal(url)
    return { action: 'deny' }
  })
}
