/**
 * Every English sentence of the window; those of a large screen are in a file of their own. `Messages` is the shape of them
 * all, and the compiler holds the other languages to it.
 */
import { enAnswers } from './en-answers.ts'
import { enAudit } from './en-audit.ts'
import { enTrainingBlocks } from './en-training-blocks.ts'
import { enEncoders } from './en-encoders.ts'
import { enEndpoint } from './en-endpoint.ts'
import { enLabelling } from './en-labelling.ts'
import { enLibrary } from './en-library.ts'
import { enMeasure } from './en-measure.ts'
import { count } from './en-numbers.ts'
import { enModels } from './en-models.ts'
import { enSearch } from './en-search.ts'
import { enSettings } from './en-settings.ts'
import { enTraining } from './en-training.ts'

export const en = {
  languageName: 'English',
  app: {
    name: 'MAMA Studio',
    skip: 'Skip to content',
    navigation: 'Screens',
    loading: 'Loading…',
    close: 'Close',
    cancel: 'Cancel',
    back: 'Back',
    retry: 'Try again',
    save: 'Save',
    remove: 'Remove',
    more: 'More',
    none: 'None',
    dismiss: 'Dismiss',
    undo: 'Undo',
    redo: 'Redo',
    of: (part: string, whole: string) => `${part} of ${whole}`,
    videos: (value: number) => count(value, 'video', 'videos'),
    shots: (value: number) => count(value, 'shot', 'shots'),
    pairs: (value: number) => count(value, 'pair', 'pairs'),
    clips: (value: number) => count(value, 'clip', 'clips'),
    exemplars: (value: number) => count(value, 'exemplar', 'exemplars'),
    activeModel: (name: string) => `Model in use: ${name}`,
    /** Between two sentences that are put together. */
    gap: ' ',
    zeroShot: 'before training',
    modelInUse: (name: string) => `Model: ${name}`,
    readOnly:
      'Another program is writing to this library. You can look at everything; changes wait until it is closed.',
    noCategory: 'No category',
    cancelled: 'Cancelled. Everything done so far is kept.',
  },
  screens: {
    library: 'Library',
    search: 'Search',
    ask: 'Ask',
    label: 'Label',
    train: 'Train',
    audit: 'Audit',
    models: 'Models',
    settings: 'Settings',
  },
  connection: {
    lostTitle: 'The engine does not answer',
    lostText: 'Nothing is lost: it picks up where it stopped. This window reconnects by itself.',
    sessionTitle: 'This page is no longer open to the engine',
    sessionText: 'Open the address again that “mama serve” printed. It carries the key for this session.',
    failedTitle: 'The engine does not start',
    failedText: 'Your library is safe. It has stopped several times in a row, so it is not started again by itself.',
    refusedTitle: 'The library does not open',
    restart: 'Start it again',
    reconnected: 'The engine is back.',
  },
  errors: {
    title: 'This did not work',
    unknown: 'Something went wrong inside the app. Try again; if it stays, save a diagnostics report in Settings.',
    /** English messages of the engine are complete sentences already; null keeps them. */
    byCode: null as Readonly<Record<string, string>> | null,
    media: null as Readonly<Record<string, (file: string) => string>> | null,
    rowProblems: null as Readonly<Record<string, string>> | null,
  },
  drop: {
    title: 'Drop to add',
    text: 'Videos and folders join the library. A CSV table brings descriptions. A picture searches for what looks like it.',
    uploading: (done: string, total: string) => `Copying files to the engine: ${done} of ${total}`,
    nothing: 'None of these files is a video, a table or a picture.',
    started: (value: number) => `${count(value, 'file', 'files')} on the way into the library.`,
  },
  library: enLibrary,
  player: {
    title: 'Player',
    play: 'Play',
    pause: 'Pause',
    back: 'One frame back',
    forward: 'One frame forward',
    loop: 'Loop the moment',
    mute: 'Mute',
    position: 'Position',
    speed: 'Speed',
    fullscreen: 'Full screen',
    preparing: 'Preparing preview',
    preparingText: (reason: string) => `This window cannot play ${reason} as it is. A preview is being made once.`,
    converted: 'Preview of reduced quality; the file itself is unchanged.',
    failed: 'This video cannot be played',
    loading: 'Opening the video…',
  },
  search: enSearch,
  answers: enAnswers,
  label: enLabelling,
  train: enTraining,
  audit: enAudit,
  models: enModels,
  encoders: enEncoders,
  endpoint: enEndpoint,
  blocks: enTrainingBlocks,
  measure: enMeasure,
  settings: enSettings,
  commands: {
    'go.library': 'Go to Library',
    'go.search': 'Search',
    'go.ask': 'Go to Ask',
    'go.label': 'Go to Label',
    'go.train': 'Go to Train',
    'go.audit': 'Go to Audit',
    'go.models': 'Go to Models',
    'go.settings': 'Go to Settings',
    'app.shortcuts': 'Show the keys',
    'edit.undo': 'Undo',
    'edit.redo': 'Redo',
    'ask.right': 'Ask: right',
    'ask.wrong': 'Ask: wrong',
    'label.exact': 'Label: exact',
    'label.partial': 'Label: partial',
    'label.wrong': 'Label: wrong',
    'label.skip': 'Label: skip',
    'label.edit': 'Label: edit the text',
    'label.startHere': 'Label: moment starts here',
    'label.endHere': 'Label: moment ends here',
    'label.startEarlier': 'Label: start earlier',
    'label.startLater': 'Label: start later',
    'label.endEarlier': 'Label: end earlier',
    'label.endLater': 'Label: end later',
    'player.play': 'Play or pause',
    'player.back': 'One frame back',
    'player.forward': 'One frame forward',
    'player.loop': 'Loop the moment',
  },
  shortcuts: {
    title: 'Keys',
    groups: {
      go: 'Everywhere',
      app: 'Everywhere',
      edit: 'Everywhere',
      ask: 'Asking',
      label: 'Labelling',
      player: 'Player',
    },
    off: 'off',
    customise: 'Change keys in Settings',
  },
}

type Widened<T> = T extends string
  ? string
  : T extends (...args: infer A) => string
    ? (...args: A) => string
    : T extends object
      ? { readonly [K in keyof T]: Widened<T[K]> }
      : T

export type Messages = Widened<typeof en>
