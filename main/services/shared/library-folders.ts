/** Folders of a library that several services use. */
import { join, resolve } from 'node:path'

/** Encoders that were added, one folder each; names with a dot in front are work that is under way. */
export function encodersDirOf(libraryDir: string): string {
  return join(libraryDir, 'encoders')
}

/** Files that a browser handed over, each in a folder of its own. */
export function uploadsDirOf(libraryDir: string): string {
  return resolve(libraryDir, 'uploads')
}

/** What runs that train blocks of the encoder keep of the frames until they are finished. */
export function activationsDirOf(libraryDir: string): string {
  return join(libraryDir, 'activations')
}
