/**
 * What the system is told of long work: the bar on the window's icon, a notification when it has ended, and that the
 * computer must not fall asleep meanwhile. Runs in Electron's main process.
 */
import { app, Notification, type BrowserWindow } from 'electron'
import type { Job, Settings, ShellCommand } from '../main/contract/index.ts'
import { createKeepAwake } from './keep-awake.ts'
import { needsAwake, noticeOf, progressBarOf, screenOf } from './work-signs.ts'
import type { Words } from './words.ts'

export type LongWork = {
  /** Jobs as they are now; with the one that has just changed, and how it was before. */
  setJobs(jobs: readonly Job[], changed: Job | null, before: Job | undefined): void
  setSettings(settings: Settings): void
  setOnBattery(isOnBattery: boolean): void
  /** Nothing is at work any more: the engine has gone for good. */
  stop(): void
}

export type LongWorkParts = {
  readonly window: () => BrowserWindow | null
  readonly words: () => Words
  /** Brings the window to the front, and does what the command says. */
  readonly show: (command: ShellCommand) => void
}

export function followLongWork({ window, words, show }: LongWorkParts): LongWork {
  const keepAwake = createKeepAwake()
  /** Held while they are shown: without their objects a press on them would reach nobody. */
  const notifications = new Set<Notification>()
  let jobs: readonly Job[] = []
  let indexWhen: Settings['indexWhen'] = 'always'
  let isOnBattery = false

  const showSigns = (): void => {
    const { fraction, mode } = progressBarOf(jobs)
    window()?.setProgressBar(fraction, { mode })
    keepAwake(needsAwake(jobs, { isOnBattery, indexWhen }))
  }

  function notify(body: string, command: ShellCommand): void {
    if (!Notification.isSupported()) return
    const notification = new Notification({ title: app.getName(), body })
    const forget = (): void => void notifications.delete(notification)
    notifications.add(notification)
    notification.on('click', () => {
      forget()
      show(command)
    })
    notification.on('close', forget)
    notification.on('failed', forget)
    notification.show()
  }

  return {
    setJobs(now, changed, before) {
      jobs = now
      showSigns()
      if (changed === null) return
      const notice = noticeOf(before, changed, window()?.isFocused() === true, words())
      if (notice !== null) notify(notice, screenOf(changed.kind))
    },
    setSettings(settings) {
      indexWhen = settings.indexWhen
      showSigns()
    },
    setOnBattery(is) {
      isOnBattery = is
      showSigns()
    },
    stop() {
      jobs = []
      showSigns()
    },
  }
}
