/** Runs in the process of every test file: what it made outside the repository goes when it ends. */
import { afterAll } from 'vitest'
import { removeTemporaryFolders } from './temporary-folder.ts'

afterAll(removeTemporaryFolders)
