export function exportBundle(..._: unknown[]): Record<string, Uint8Array> { throw new Error('export pending') }
