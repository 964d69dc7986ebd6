/**
 * What a model hub says about the files of a model, and which of them an import needs. The form is that of the Hugging Face
 * hub, which its mirrors share. Pure.
 */
import { z } from 'zod'
import { chooseGraphs, findExport } from './find-export.ts'
import type { Precision } from './manifest.ts'
import { ExportProblem } from './refusal.ts'

/** How the bytes of a file are known: sha256 for large files, the id of a git object for small ones. */
export type FileHash = { readonly kind: 'sha256' | 'gitBlob'; readonly hex: string }

export type HubFile = { readonly path: string; readonly sizeBytes: number; readonly hash: FileHash }

export type HubModel = {
  /** `owner/name` */
  readonly name: string
  /** Commit that every file is taken from. */
  readonly commit: string
  readonly licence: string | null
  readonly files: readonly HubFile[]
}

const treeSchema = z.array(
  z.looseObject({
    type: z.string(),
    path: z.string().min(1).max(1000),
    size: z.number().int().min(0).optional(),
    oid: z.string().optional(),
    lfs: z.looseObject({ oid: z.string(), size: z.number().int().min(0) }).nullish(),
  }),
)

const modelSchema = z.looseObject({
  sha: z.string().regex(/^[0-9a-f]{7,64}$/),
  cardData: z.looseObject({ license: z.union([z.string(), z.array(z.string())]).nullish() }).nullish(),
})

/** @throws ExportProblem when the answer has another form */
export function parseModel(content: unknown): { commit: string; licence: string | null } {
  const parsed = modelSchema.safeParse(content)
  if (!parsed.success) throw new ExportProblem('the hub answered in an unknown form', { cause: parsed.error })
  const licence = parsed.data.cardData?.license ?? null
  return { commit: parsed.data.sha, licence: Array.isArray(licence) ? licence.join(', ') : licence }
}

/** Files with safe names and a hash that can be checked; whatever else is listed is left out. */
export function parseTree(content: unknown): HubFile[] {
  const parsed = treeSchema.safeParse(content)
  if (!parsed.success) throw new ExportProblem('the hub answered in an unknown form', { cause: parsed.error })
  return parsed.data.flatMap(({ type, path, size, oid, lfs }): HubFile[] => {
    if (type !== 'file' || !isSafePath(path)) return []
    if (lfs !== null && lfs !== undefined) {
      const hex = lfs.oid.replace(/^sha256:/, '')
      return /^[0-9a-f]{64}$/.test(hex) ? [{ path, sizeBytes: lfs.size, hash: { kind: 'sha256', hex } }] : []
    }
    if (size === undefined || oid === undefined || !/^[0-9a-f]{40}$/.test(oid)) return []
    return [{ path, sizeBytes: size, hash: { kind: 'gitBlob', hex: oid } }]
  })
}

function isSafePath(path: string): boolean {
  return path.split('/').every((part) => /^[\w][\w.+ -]*$/.test(part))
}

/** A name as the hub writes it. */
export function isModelName(name: string): boolean {
  return /^[\w][\w.-]{0,95}\/[\w][\w.-]{0,95}$/.test(name)
}

/**
 * The files that an import reads: the graphs of one precision with their weights, and the small files around them.
 * @throws ExportProblem when something is missing
 */
export function neededFiles(files: readonly HubFile[], precision: Precision | null): HubFile[] {
  const found = findExport(files.map(({ path }) => path))
  const { vision, text } = chooseGraphs(found, precision)
  const graphs = new Set([vision.path, text.path])
  const small = [found.tokenizer, found.tokenizerConfig, found.processor, found.config, found.readme, found.licence]
  const wanted = new Set([...graphs, ...small.filter((path) => path !== null)])
  const isData = (path: string): boolean =>
    [...graphs].some((graph) => path.startsWith(`${graph}_data`) || path === graph.replace(/\.onnx$/, '.data'))
  return files.filter(({ path }) => wanted.has(path) || isData(path))
}
