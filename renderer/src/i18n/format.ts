/** Numbers, times, sizes and dates in the user's language. Pure. */

export type Formats = ReturnType<typeof createFormats>

/** @param locale BCP 47, such as `ja` */
export function createFormats(locale: string) {
  const whole = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
  const compact = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
  const three = new Intl.NumberFormat(locale, { minimumFractionDigits: 2, maximumFractionDigits: 3 })
  const percents = new Intl.NumberFormat(locale, { style: 'percent', maximumFractionDigits: 0 })
  const signed = new Intl.NumberFormat(locale, {
    signDisplay: 'exceptZero',
    minimumFractionDigits: 2,
    maximumFractionDigits: 2,
  })
  const dates = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'short' })
  const unit = (value: number, name: string): string =>
    new Intl.NumberFormat(locale, { style: 'unit', unit: name, unitDisplay: 'short', maximumFractionDigits: 0 }).format(
      value,
    )
  const pad = (value: number): string => String(value).padStart(2, '0')

  return {
    count: (value: number): string => whole.format(value),
    /** One decimal where there is one, and below a hundred, where it matters. */
    amount: (value: number): string => (Math.abs(value) < 100 ? compact : whole).format(value),
    /** `0.25×`, `1×`: how fast a player runs. */
    speed: (value: number): string => `${value.toLocaleString(locale)}×`,
    score: (value: number): string => three.format(value),
    change: (value: number): string => signed.format(value),
    percent: (fraction: number): string => percents.format(fraction),
    date: (iso: string): string => dates.format(new Date(iso)),
    /** `1:05`, `1:02:03`; of a video. */
    clock(seconds: number): string {
      const total = Math.max(0, Math.floor(seconds))
      const [hours, minutes, rest] = [Math.floor(total / 3600), Math.floor(total / 60) % 60, total % 60]
      return hours > 0 ? `${hours}:${pad(minutes)}:${pad(rest)}` : `${minutes}:${pad(rest)}`
    },
    /** `0:03.2`: to the tenth, for the edges of a moment. */
    clockFine(seconds: number): string {
      const tenths = Math.max(0, Math.round(seconds * 10))
      const minutes = Math.floor(tenths / 600)
      return `${minutes}:${pad(Math.floor(tenths / 10) % 60)}.${tenths % 10}`
    },
    /** `0:03.27`: to the hundredth, where frames are told apart. */
    clockExact(seconds: number): string {
      const hundredths = Math.max(0, Math.round(seconds * 100))
      const minutes = Math.floor(hundredths / 6000)
      return `${minutes}:${pad(Math.floor(hundredths / 100) % 60)}.${pad(hundredths % 100)}`
    },
    /** `2 min`, `1 hr 5 min`; of work and footage. */
    duration(seconds: number): string {
      if (seconds < 59.5) return unit(Math.max(1, Math.round(seconds)), 'second')
      const minutes = Math.round(seconds / 60)
      if (minutes < 60) return unit(minutes, 'minute')
      const rest = minutes % 60
      return rest === 0
        ? unit(minutes / 60, 'hour')
        : `${unit(Math.floor(minutes / 60), 'hour')} ${unit(rest, 'minute')}`
    },
    bytes(value: number): string {
      const steps = ['byte', 'kilobyte', 'megabyte', 'gigabyte', 'terabyte']
      const step = Math.min(steps.length - 1, value < 1 ? 0 : Math.floor(Math.log10(value) / 3))
      const scaled = value / 1000 ** step
      return new Intl.NumberFormat(locale, {
        style: 'unit',
        unit: steps[step] ?? 'byte',
        unitDisplay: 'short',
        maximumFractionDigits: scaled < 10 && step > 0 ? 1 : 0,
      }).format(scaled)
    },
  }
}
