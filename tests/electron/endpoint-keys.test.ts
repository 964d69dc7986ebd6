/** Keys of vision models in the desktop shell: in the keychain of the system, for one address each, or nowhere. */
import { existsSync, readdirSync, readFileSync, statSync } from 'node:fs'
import { join } from 'node:path'
import { beforeEach, describe, expect, it } from 'vitest'
import { createEndpointKeys, type SafeStorage } from '../../electron/endpoint-keys.ts'
import { temporaryFolder } from '../temporary-folder.ts'

const key = 'sk-verysecret-0123456789'
const origin = 'http://models.example:8080'
let dir: string
let file: string

beforeEach(() => {
  dir = temporaryFolder('endpoint-keys')
  file = join(dir, 'endpoint-keys')
})

/** Encrypts by turning every byte round. */
function keychain(changes: Partial<SafeStorage> = {}): SafeStorage {
  return {
    isEncryptionAvailable: () => true,
    getSelectedStorageBackend: () => 'gnome_libsecret',
    encryptString: (text) => Buffer.from(Buffer.from(text).map((byte) => byte ^ 0xff)),
    decryptString: (encrypted) => Buffer.from(encrypted.map((byte) => byte ^ 0xff)).toString('utf8'),
    ...changes,
  }
}

describe('a key', () => {
  it('is kept encrypted, for its address, over a start of the app', () => {
    const keys = createEndpointKeys(file, { safeStorage: keychain(), platform: 'linux' })
    expect(keys.all()).toEqual({ from: 'keychain', keys: {} })
    keys.keep(origin, key)
    keys.keep('https://other.example', 'another')
    const again = createEndpointKeys(file, { safeStorage: keychain(), platform: 'linux' })
    expect(again.all()).toEqual({ from: 'keychain', keys: { [origin]: key, 'https://other.example': 'another' } })
    expect(readFileSync(file, 'latin1')).not.toContain('verysecret')
    expect(readdirSync(dir)).toEqual(['endpoint-keys'])
    if (process.platform !== 'win32') expect(statSync(file).mode & 0o077).toBe(0)
  })
  it('is forgotten, and with the last one its file', () => {
    const keys = createEndpointKeys(file, { safeStorage: keychain(), platform: 'linux' })
    keys.keep(origin, key)
    keys.keep(origin, null)
    expect(keys.all().keys).toEqual({})
    expect(existsSync(file)).toBe(false)
  })
  it.each<[string, Partial<SafeStorage>]>([
    ['has no keychain', { isEncryptionAvailable: () => false }],
    ['would only hide it', { getSelectedStorageBackend: () => 'basic_text' }],
  ])('is written nowhere where the system %s, and holds until the app ends', (_, changes) => {
    const keys = createEndpointKeys(file, { safeStorage: keychain(changes), platform: 'linux' })
    keys.keep(origin, key)
    expect(keys.all()).toEqual({ from: 'session', keys: { [origin]: key } })
    expect(readdirSync(dir)).toEqual([])
  })
  it('of another keychain is none', () => {
    createEndpointKeys(file, { safeStorage: keychain(), platform: 'darwin' }).keep(origin, key)
    const fails = (): never => {
      throw new Error('not decryptable')
    }
    const keys = createEndpointKeys(file, { safeStorage: keychain({ decryptString: fails }), platform: 'darwin' })
    expect(keys.all()).toEqual({ from: 'keychain', keys: {} })
  })
})
