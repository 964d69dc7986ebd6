/**
 * What may be kept of an error: its kind and where in the app's own code it came from. Messages quote what was worked on
 * (names of files, texts), so they are left out. Pure.
 */

/** Frames that say enough to find the place. */
const mostFrames = 8

/** @param problem whatever was thrown */
export function traceOf(problem: unknown): string {
  if (!(problem instanceof Error)) return `something of type ${typeof problem} was thrown`
  const { code } = problem as { code?: unknown }
  const kind = typeof code === 'string' && /^[\w.-]{1,40}$/.test(code) ? `${problem.name} ${code}` : problem.name
  const { stack = '', message } = problem
  // The message comes first and may hold lines that look like frames.
  return [kind, ...framesOf(stack.slice(stack.indexOf(message) + message.length))].join('\n')
}

/** The same of what a process wrote before it ended; empty when that holds no error. */
export function traceOfOutput(text: string): string {
  const kind = /^(?:Uncaught )?(\w*(?:Error|Exception))\b/m.exec(text)?.[1]
  const frames = framesOf(text)
  return kind === undefined && frames.length === 0 ? '' : [kind ?? 'error', ...frames].join('\n')
}

/** Function, file without its folder, line and column. */
function framesOf(stack: string): string[] {
  const frames = stack.matchAll(/^\s+at (?:(?<name>[\w$.<> ]+?) \()?(?<place>[^()\n]+?:\d+:\d+)\)?$/gm)
  return [...frames].slice(0, mostFrames).map(({ groups }) => {
    const place = groups?.['place']?.split(/[\\/]/).at(-1) ?? ''
    return groups?.['name'] === undefined ? `at ${place}` : `at ${groups['name']} (${place})`
  })
}
