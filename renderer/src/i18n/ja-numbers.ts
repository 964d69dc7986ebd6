/** Numbers inside the Japanese sentences. */
const numbers = new Intl.NumberFormat('ja')

export const n = (value: number): string => numbers.format(value)
