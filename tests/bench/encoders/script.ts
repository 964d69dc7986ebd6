/** What somebody would write first: ffmpeg into a pipe, each frame into the model as it comes, one video after the other. */
import { spawn } from 'node:child_process'

/**
 * @param encode takes one picture [size, size, 3]
 * @param framesAClip evenly over `clipSeconds`; ffmpeg decodes with all threads, as it does by itself, beside the model
 * @returns frames that were encoded
 */
export async function runScript(
  clips: readonly string[],
  encode: (rgb: Uint8Array) => Promise<unknown>,
  { size, framesAClip, clipSeconds }: { size: number; framesAClip: number; clipSeconds: number },
): Promise<number> {
  const bytes = size ** 2 * 3
  let frames = 0
  for (const path of clips) {
    const filter = `fps=${framesAClip}/${clipSeconds},scale=-2:${size}:flags=bicubic,crop=${size}:${size}`
    const output = ['-f', 'rawvideo', '-pix_fmt', 'rgb24', '-']
    const ffmpeg = spawn('ffmpeg', ['-v', 'error', '-i', path, '-vf', filter, ...output])
    let rest = Buffer.alloc(0)
    for await (const piece of ffmpeg.stdout) {
      rest = Buffer.concat([rest, piece as Buffer])
      for (; rest.length >= bytes; rest = rest.subarray(bytes)) {
        await encode(new Uint8Array(rest.subarray(0, bytes)))
        frames += 1
      }
    }
  }
  return frames
}
