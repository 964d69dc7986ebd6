/** Keeps the computer from falling asleep by itself, though not its screen. Runs in Electron's main process. */
import { powerSaveBlocker } from 'electron'

/** @returns says whether that is needed now; as often as one likes */
export function createKeepAwake(): (isNeeded: boolean) => void {
  let id: number | null = null
  return (isNeeded) => {
    if (isNeeded) id ??= powerSaveBlocker.start('prevent-app-suspension')
    else if (id !== null) {
      powerSaveBlocker.stop(id)
      id = null
    }
  }
}
