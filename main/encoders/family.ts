/** Which family of encoders an export belongs to, from its configuration, its tokenizer and its name. Pure. */
import { z } from 'zod'
import type { Family } from './manifest.ts'

const modelConfigSchema = z.looseObject({
  model_type: z.string().nullish(),
  _name_or_path: z.string().nullish(),
})
const tokenizerSchema = z.looseObject({
  model: z.looseObject({ type: z.string().nullish(), byte_fallback: z.boolean().nullish() }).nullish(),
})

export type FamilyFacts = {
  readonly family: Family
  readonly modelType: string | null
  /** What the export calls itself, or the name of its folder; for people. */
  readonly name: string
}

/** @param folderName used where the configuration has no name */
export function familyOf(modelConfig: unknown, tokenizerFile: unknown, folderName: string): FamilyFacts {
  const config = modelConfigSchema.safeParse(modelConfig ?? {}).data
  const tokenizer = tokenizerSchema.safeParse(tokenizerFile).data?.model
  const modelType = config?.model_type ?? null
  const stated = config?._name_or_path?.split(/[/\\]/).filter((part) => !/^[.\s]*$/.test(part)) ?? []
  const name = stated.at(-1) ?? folderName
  const hint = `${name} ${folderName}`.toLowerCase()
  const family = (): Family => {
    if (/mobileclip[-_]?2/.test(hint)) return 'mobileclip2'
    if (/mobileclip/.test(hint) || modelType === 'mobileclip') return 'mobileclip'
    if (modelType === 'siglip2') return 'siglip2'
    // The fixed-resolution exports of SigLIP 2 call themselves siglip; their tokenizer tells them apart.
    if (modelType === 'siglip')
      return tokenizer?.byte_fallback === true || /siglip-?2/.test(hint) ? 'siglip2' : 'siglip'
    if (modelType === 'clip') {
      return tokenizer?.type === 'BPE' && !/multilingual|m-clip/.test(hint) ? 'clip' : 'multilingual-clip'
    }
    if (/multilingual|m-clip/.test(hint) || /^(chinese_clip|altclip|jina_clip|m-?clip)$/.test(modelType ?? '')) {
      return 'multilingual-clip'
    }
    return 'other'
  }
  return { family: family(), modelType, name }
}

/** Whether the pooled state of this family is already its embedding. */
export function needsProjection(family: Family): boolean {
  return family !== 'siglip' && family !== 'siglip2' && family !== 'other'
}

/** An id as manifests want it: lower-case words joined by hyphens. */
export function slug(name: string): string {
  const words = name
    .normalize('NFKD')
    .toLowerCase()
    .replace(/[^a-z0-9.]+/g, '-')
    .replace(/\.(?![a-z0-9])|(?<![a-z0-9])\./g, '-')
    .replace(/-+/g, '-')
    .replace(/^-|-$/g, '')
  return words === '' ? 'encoder' : words.slice(0, 60).replace(/[-.]$/, '')
}
