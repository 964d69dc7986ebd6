/**
 * What has to be done to the pictures of a file before anything looks at them, so that an index, a poster, a preview and a
 * clip show the colours that a player shows. Pure.
 *
 * [Note: Colours] ffmpeg converts by the matrix and range that a frame carries, which is right for BT.601 and BT.709 as
 * long as both are said. It does not know what players assume where nothing is said (BT.709 from 720 lines on), does not
 * bring HDR into the range of a screen, leaves out transparency, and writes JPEG by the matrix of its source, although a
 * JPEG is BT.601 to everybody.
 */
import { z } from 'zod'

/**
 * `hdr`: PQ or HLG, to be tone-mapped; `hdrHalfSaid`: the same without its matrix or primaries; `wide`: the primaries of
 * BT.2020 without HDR; `alpha`: may be transparent; `untaggedHd`: says nothing of its matrix and is so large that players
 * take BT.709.
 */
export type PictureKind = 'hdr' | 'hdrHalfSaid' | 'wide' | 'alpha' | 'untaggedHd'

/** Lines of a picture from which players take BT.709 where a file does not say. */
export const hdLines = 720

/** How a track says what its numbers mean as colours. */
export const colourSchema = z.object({
  pix_fmt: z.string().optional(),
  color_space: z.string().optional(),
  color_transfer: z.string().optional(),
  color_primaries: z.string().optional(),
})

type Colour = z.infer<typeof colourSchema> & { readonly codec_name?: string | undefined }

const isUnsaid = (value = 'unknown'): boolean => ['unknown', 'unspecified', 'reserved'].includes(value)

/** Absent for what needs nothing. */
export function pictureKind(colour: Colour, lines: number): PictureKind | undefined {
  const { pix_fmt = '', color_transfer, color_primaries, color_space, codec_name } = colour
  if (color_transfer === 'smpte2084' || color_transfer === 'arib-std-b67')
    return isUnsaid(color_space) || isUnsaid(color_primaries) ? 'hdrHalfSaid' : 'hdr'
  if (color_primaries === 'bt2020' && !isUnsaid(color_space) && !isUnsaid(color_transfer)) return 'wide'
  // The fourth byte of raw pictures is mostly nothing, whatever it is called.
  if (/^(yuva|rgba|bgra|argb|abgr|gbrap|ya8|ya16|pal8)/.test(pix_fmt))
    return codec_name === 'rawvideo' ? undefined : 'alpha'
  const isYuv = /^(yuv|nv|p0|p2|uyvy|yuyv)/.test(pix_fmt)
  return isYuv && isUnsaid(color_space) && lines >= hdLines ? 'untaggedHd' : undefined
}

/**
 * 203 candela a square metre is the white of an ordinary picture in HDR (ITU-R BT.2408), so that an SDR picture within HDR
 * looks as it does alone; only what is brighter is pressed together.
 */
const toScreen: Readonly<Record<'hdr' | 'hdrHalfSaid' | 'wide', string>> = {
  hdr: 'zscale=t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:param=0.9:desat=0',
  hdrHalfSaid:
    'zscale=min=bt2020nc:pin=bt2020:t=linear:npl=203,format=gbrpf32le,zscale=p=bt709,tonemap=mobius:param=0.9:desat=0',
  wide: 'zscale=t=linear,format=gbrpf32le,zscale=p=bt709,tonemap=clip',
}

/** Filters for whole pictures, before any other; a comma is behind them, or '' for most files. */
export function wholePictureColours(kind: PictureKind | undefined, name = ''): string {
  if (kind === 'untaggedHd') return 'setparams=colorspace=bt709,'
  if (kind !== 'alpha') return ''
  const [above, below, ground] = [`[above${name}]`, `[below${name}]`, `[ground${name}]`]
  // White, as transparent still pictures are put on (decode-images.ts).
  return `format=rgba,split${above}${below};${below}lutrgb=r=255:g=255:b=255:a=255,format=rgb24${ground};${ground}${above}overlay=format=rgb,`
}

/**
 * Filters that bring HDR and wide colours to those of a screen, BT.709, with a comma behind them; '' for all others. They
 * take a float a value, so pictures are made small before: `scale` is the filter that does.
 */
export function screenColours(kind: PictureKind | undefined, scale = ''): string {
  if (kind !== 'hdr' && kind !== 'hdrHalfSaid' && kind !== 'wide') return ''
  const first = scale === '' ? '' : `${scale},`
  return `${first}format=yuv444p12le,${toScreen[kind]},zscale=t=bt709:m=bt709:r=tv,format=yuv444p,`
}

/**
 * Filters that make small pictures for JPEG: whatever the source says, a JPEG is BT.601 in full range. More than eight bits
 * are brought down first, because ffmpeg forgets the matrix when it does both at once.
 *
 * @param scale the filter that makes them small
 */
export function jpegColours(kind: PictureKind | undefined, scale: string): string {
  const onScreen = screenColours(kind, scale)
  const small = onScreen === '' ? `${scale},format=${eightBits},` : onScreen
  return `${small}scale=out_color_matrix=bt601:out_range=pc,setsar=1,format=yuvj420p`
}

/**
 * For `format`: leaves pictures of eight bits as they are and brings others down. ffmpeg cuts those with more at odd places
 * through the middle of a number.
 */
export const eightBits =
  'yuv420p|yuvj420p|yuv422p|yuvj422p|yuv444p|yuvj444p|yuv440p|yuvj440p|yuv411p|yuvj411p|yuv410p|nv12|nv21|nv16|nv24|' +
  'yuyv422|uyvy422|uyyvyy411|gray|gbrp|rgb24|bgr24|rgb0|bgr0|0rgb|0bgr|rgba|bgra|argb|abgr'
