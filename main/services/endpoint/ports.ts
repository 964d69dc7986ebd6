/** What the endpoint needs from outside: a way to send, keys, and pictures of videos. Tests pass fakes. */

export type Sent = {
  readonly method: 'GET' | 'POST'
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly body?: string | undefined
}

/** What came back, or why nothing did. `detail` is a clause that follows "because". */
export type Received =
  | { readonly status: number; readonly retryAfter: string | null; readonly body: string }
  | { readonly problem: 'unreachable' | 'silent' | 'tooLong'; readonly detail: string }

/** Rejects only with the abort reason. */
export type Send = (sent: Sent, signal: AbortSignal) => Promise<Received>

export type EndpointKey = { readonly key: string; readonly from: 'environment' | 'keychain' | 'session' }

/** Pictures as JPEG; null where there is none at that moment. */
export type EndpointPictures = {
  /** At most `longSide` pixels on its longer side. */
  frame(path: string, seconds: number, longSide: number, signal: AbortSignal): Promise<Uint8Array | null>
  /** Frames of a stretch, evenly spread, row by row in one picture. */
  grid(path: string, grid: GridRequest, signal: AbortSignal): Promise<Uint8Array | null>
}

export type GridRequest = {
  readonly start: number
  readonly end: number
  readonly rows: number
  readonly columns: number
  /** Of one frame, pixels. */
  readonly longSide: number
}

export type EndpointOutside = {
  readonly send: Send
  /** Of the server at `origin` (scheme, host, port); null: there is none. */
  readonly keyFor: (origin: string) => EndpointKey | null
  readonly pictures: EndpointPictures
  /** Rejects when the signal aborts. */
  readonly wait: (milliseconds: number, signal: AbortSignal) => Promise<void>
}
