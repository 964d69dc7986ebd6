/** Concepts: the kinds of product that the user sorts exemplars by. Runs in the engine. */

export type Concept = { readonly id: string; readonly name: string; readonly exemplarCount: number }

export type ConceptStore = {
  /** The concept of this name (letter case and outer spaces do not matter), added when it is new. */
  ensure(name: string): Concept
  get(id: string): Concept | undefined
  /** By name. */
  all(): Concept[]
  remove(id: string): void
}
