/**
 * Keys of vision models, by origin, encrypted by the keychain of the system in one file beside the shell's own settings.
 * Where the system has no keychain they are kept until the app ends and are written nowhere.
 */
import { readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { z } from 'zod'

export type EndpointKeys = {
  readonly from: 'keychain' | 'session'
  /** By origin: scheme, host and port. A key goes to no other. */
  readonly keys: Readonly<Record<string, string>>
}

/** The part of Electron's module that is used; only once the app is ready. */
export type SafeStorage = {
  isEncryptionAvailable(): boolean
  encryptString(text: string): Buffer
  decryptString(encrypted: Buffer): string
  /** Linux only. */
  getSelectedStorageBackend?(): string
}

const keysSchema = z.record(z.string(), z.string())

export function createEndpointKeys(
  file: string,
  { safeStorage, platform }: { readonly safeStorage: SafeStorage; readonly platform: string },
): { all(): EndpointKeys; keep(origin: string, key: string | null): void } {
  // Without a keyring Chromium "encrypts" with a password that everybody knows.
  const isPlain = platform === 'linux' && safeStorage.getSelectedStorageBackend?.() === 'basic_text'
  const hasKeychain = safeStorage.isEncryptionAvailable() && !isPlain
  let keys: Record<string, string> = hasKeychain ? read(file, safeStorage) : {}
  return {
    all: () => ({ from: hasKeychain ? 'keychain' : 'session', keys }),
    keep(origin, key) {
      const { [origin]: _, ...others } = keys
      keys = key === null ? others : { ...others, [origin]: key }
      if (!hasKeychain) return
      if (Object.keys(keys).length === 0) return rmSync(file, { force: true })
      writeFileSync(`${file}.partial`, safeStorage.encryptString(JSON.stringify(keys)), { mode: 0o600 })
      renameSync(`${file}.partial`, file)
    },
  }
}

/** None where there is no file, or where it was written by another user or keychain. */
function read(file: string, safeStorage: SafeStorage): Record<string, string> {
  try {
    return keysSchema.parse(JSON.parse(safeStorage.decryptString(readFileSync(file))))
  } catch {
    return {}
  }
}
