/** What every screen shares: the engine's client, news, settings, language, keys, place and short messages. */
import { getContext, setContext } from 'svelte'
import {
  createClient,
  type Client,
  type Job,
  type OpenedFile,
  type ProcedureOutput,
  type ProcedureRequest,
  type Settings,
} from '../../../main/contract/index.ts'
import { kindOf } from '../api/dropped-files.ts'
import type { HostBridge } from '../api/host.ts'
import { watchBattery } from '../api/power.ts'
import { addPaths } from '../screens/library/add-files.ts'
import { languageFor, tableOf, type Formats, type Language, type Messages } from '../i18n/index.ts'
import { sentenceOf } from '../i18n/sentence.ts'
import { EncoderWork } from './encoder-work.svelte.ts'
import { createKeyboard, type Keyboard } from './keyboard.ts'
import { News } from './news.svelte.ts'
import { isAbort, Resource } from './resource.svelte.ts'
import { Route } from './route.svelte.ts'
import { Toasts } from './toasts.svelte.ts'

export type Overview = ProcedureOutput<'overview'>
/** What the player dialog shows. */
export type Playing = {
  readonly video: string
  readonly start: number
  readonly end: number | null
  readonly title: string
}

const rememberedLook = 'mama-look'

export class App {
  readonly client: Client
  readonly host: HostBridge
  readonly keyboard: Keyboard
  readonly news: News
  readonly encoderWork: EncoderWork
  readonly route: Route
  readonly toasts = new Toasts()
  readonly overview = new Resource<Overview>()
  settings = $state.raw<Settings | undefined>()
  playing = $state.raw<Playing | undefined>()
  /** The video whose details are shown. */
  shownVideo = $state<string | undefined>()
  areShortcutsShown = $state(false)
  /** A table of descriptions that waits for its columns to be matched. */
  tableToImport = $state.raw<File | OpenedFile | undefined>()
  /** A dropped picture that the search screen takes up. */
  pictureToFind = $state.raw<File | undefined>()
  systemIsDark = $state(false)
  /** Undefined where the browser cannot tell. */
  isOnBattery = $state<boolean | undefined>()
  readonly language: Language = $derived.by(() =>
    languageFor(this.settings?.language ?? remembered().language, navigator.languages),
  )
  readonly theme: 'light' | 'dark' = $derived.by(() => {
    const wanted = this.settings?.theme ?? remembered().theme
    return wanted === 'system' ? (this.systemIsDark ? 'dark' : 'light') : wanted
  })
  readonly #words: { t: Messages; formats: Formats } = $derived(tableOf(this.language))

  constructor(host: HostBridge, page: Window) {
    this.host = host
    this.client = createClient(host.transport)
    this.keyboard = createKeyboard(page)
    this.news = new News(this.client)
    this.encoderWork = new EncoderWork(this.client)
    this.route = new Route(page)
    const dark = page.matchMedia('(prefers-color-scheme: dark)')
    this.systemIsDark = dark.matches
    dark.addEventListener('change', () => (this.systemIsDark = dark.matches))
    watchBattery(page.navigator, (isOnBattery) => (this.isOnBattery = isOnBattery))
  }

  get t(): Messages {
    return this.#words.t
  }

  get formats(): Formats {
    return this.#words.formats
  }

  start(): void {
    this.host.listen?.({
      onCommand: (command) => this.keyboard.run(command),
      onOpen: (files) => void this.attempt(() => this.#open(files)),
    })
    void this.news.follow(async () => {
      const [settings, overview] = await Promise.all([this.client.settings({}), this.client.overview({})])
      this.#useSettings(settings)
      this.overview.value = overview
      this.overview.error = undefined
      this.news.setJobs(overview.jobs)
    })
  }

  async reloadOverview(): Promise<void> {
    await this.overview.load((signal) => this.client.overview({}, { signal }))
  }

  async changeSettings(patch: ProcedureRequest<'changeSettings'>): Promise<boolean> {
    const changed = await this.attempt(() => this.client.changeSettings(patch))
    if (changed !== undefined) this.#useSettings(changed)
    return changed !== undefined
  }

  async controlJob(job: Job, action: 'pause' | 'resume' | 'cancel' | 'dismiss'): Promise<void> {
    const answer = await this.attempt(() => this.client.controlJob({ job: job.id, action }))
    if (answer === undefined) return
    if (answer.job === null || action === 'dismiss') this.news.dropJob(job.id)
    else this.news.setJob(answer.job)
  }

  async undo(step: 'undo' | 'redo'): Promise<ProcedureOutput<'history'> | undefined> {
    const outcome = await this.attempt(() => this.client.history({ step }))
    if (typeof outcome?.edit === 'string') {
      this.toasts.show(step === 'undo' ? this.t.label.undone : this.t.label.redone)
    }
    return outcome
  }

  /** Runs work for the user; a failure becomes a message. */
  async attempt<T>(work: () => Promise<T>): Promise<T | undefined> {
    try {
      return await work()
    } catch (error) {
      if (!isAbort(error)) this.fail(error)
      return undefined
    }
  }

  fail(error: unknown): void {
    if (!(error instanceof Error && error.name === 'AppError')) console.error(error) // eslint-disable-line no-console -- a bug must leave a trace
    this.toasts.show(sentenceOf(error, this.t), { tone: 'bad' })
  }

  /** Files from the system: a table is looked at first, everything else is imported. */
  async #open(files: readonly OpenedFile[]): Promise<void> {
    const isTable = ({ name }: OpenedFile): boolean => kindOf(name) === 'table'
    this.tableToImport = files.find(isTable) ?? this.tableToImport
    const paths = files.filter((file) => !isTable(file)).map(({ token }) => token)
    if (paths.length > 0) await addPaths(this, paths)
  }

  #useSettings(settings: Settings): void {
    this.settings = settings
    this.keyboard.setKeys(settings.shortcuts)
    remember({ language: settings.language, theme: settings.theme })
  }
}

type Look = Pick<Settings, 'language' | 'theme'>

/** The look of the last time, so that the window does not flash in another theme before its settings arrive. */
function remembered(): Look {
  try {
    const { language, theme } = JSON.parse(localStorage.getItem(rememberedLook) ?? '{}') as Partial<Look>
    return { language: language ?? 'system', theme: theme ?? 'system' }
  } catch {
    return { language: 'system', theme: 'system' } // storage is switched off or holds something else
  }
}

function remember(look: Look): void {
  try {
    localStorage.setItem(rememberedLook, JSON.stringify(look))
  } catch {
    // storage is switched off: the window then starts with the look of the system
  }
}

const key = Symbol('app')

export function provideApp(app: App): void {
  setContext(key, app)
}

export function useApp(): App {
  return getContext<App>(key)
}
