/** English sentences around blocks of the encoder: training them, and reading videos with them. */
import { count, n } from './en-numbers.ts'

/** How many of pictures and of texts. */
type TrainedBlocks = { readonly count: number; readonly texts: number; readonly rank: number | null }

function listed({ count: pictures, texts, rank }: TrainedBlocks): string {
  return [
    ...(pictures > 0 ? [count(pictures, 'block', 'blocks')] : []),
    ...(texts > 0 ? [`${count(texts, 'block', 'blocks')} of texts`] : []),
    ...(rank === null ? [] : [`rank ${n(rank)}`]),
  ].join(', ')
}

export const enTrainingBlocks = {
  title: 'Also train the encoder',
  halves: { pictures: 'Blocks of the encoder of pictures', texts: 'Blocks of the encoder of texts' },
  off: 'Off',
  last: (value: number) => (value === 1 ? 'The last block' : `The last ${n(value)} blocks`),
  all: (value: number) => `All ${n(value)} blocks`,
  text: 'Trains the last blocks of the encoder as well. This takes many times as long. On the encoder that came with the app it brought nothing that could be measured; it is meant for larger encoders that you added.',
  textsNote: 'With blocks of texts alone no video is read again.',
  lowRank: 'Small updates (low rank)',
  lowRankText: 'Changes less of the blocks, in somewhat less time.',
  rank: 'Rank',
  looking: 'Looking through the encoder…',
  takes: (time: string) => `The whole run then takes about ${time}.`,
  obstacles: {
    pictures: {
      noneFound: 'No blocks that can be trained were found in the encoder of pictures in use.',
      notImportable: 'The graph of the encoder of pictures in use has parts that cannot be trained.',
    },
    texts: {
      noneFound: 'The encoder in use reads texts without blocks that can be trained.',
      notImportable: 'The graph of the encoder of texts in use has parts that cannot be trained.',
    },
  },
  ofRun: (blocks: TrainedBlocks) => `Also trained of the encoder: ${listed(blocks)}`,
  short: listed,
  toRead: 'Read again first',
  toReadOf: (videos: number, pictures: number) =>
    videos === 0
      ? 'nothing, it is there'
      : `${count(pictures, 'picture', 'pictures')} of ${count(videos, 'video', 'videos')}`,
  textsOnly: 'no video, only texts',
  disk: 'Kept while it trains',
  diskOf: (needed: string, free: string) => `${needed}, ${free} are free`,
  memory: 'Memory',
  memoryOf: (needed: string, free: string) => `about ${needed}, ${free} are free`,
  memoryOfTexts: (size: string) => `${size} of it for the texts`,
  timeToRead: (time: string) => `about ${time}`,
  ifWon: (videos: number, time: string) =>
    `If the version wins, ${count(videos, 'video', 'videos')} are read with it before it is used: about ${time} more.`,
  tooLarge: (needed: string, free: string) =>
    `This needs about ${needed} of memory, and ${free} are free. Close other programs, train fewer blocks, or choose a method without weights.`,
  diskShort: (needed: string, free: string) =>
    `This keeps ${needed} on the disk while it trains, and ${free} are free. Make some room, or train fewer blocks.`,
  tooMany: ({ pictures, texts }: { readonly pictures: number | null; readonly texts: number | null }) =>
    `The encoder in use has ${[
      ...(pictures === null ? [] : [`${count(pictures, 'block', 'blocks')} of pictures`]),
      ...(texts === null ? [] : [`${count(texts, 'block', 'blocks')} of texts`]),
    ].join(' and ')} that can be trained. Choose at most so many.`,
  readingLeft: (time: string) => `${time} left for reading, then it trains`,
  wonUnread: (model: string) =>
    `${model} finds held-out exemplars better, but not all videos could be read with it. Use it to read the rest.`,
  compareLater: 'Before and after are compared here once its blocks have read the videos.',
  unread: (shots: number) => `${count(shots, 'shot', 'shots')} not seen by its blocks yet: read when you use it.`,
  use: {
    title: (model: string) => `Read videos for ${model}?`,
    why: 'This version sees with blocks of its own, which have not seen these videos yet. They are read first; then it is used.',
    asking: 'Looking what has to be read…',
    videosOf: (videos: number, pictures: number) =>
      `${count(videos, 'video', 'videos')}, ${count(pictures, 'picture', 'pictures')}`,
    nothing: 'Everything has been read. It can be used at once.',
    meanwhile: 'Searching goes on with the version in use. You can pause and cancel; what was read is kept.',
    start: 'Read and use it',
    now: 'Use it now',
  },
  job: {
    title: (model: string) => `Reading videos for ${model}`,
    meanwhile: 'Searches go on with the version in use until it is done.',
    paused: 'Paused. Searching goes on with the version in use.',
    cancelled: 'Cancelled. What was read is kept; starting again goes on from there.',
    done: (model: string, videos: number) =>
      videos === 0
        ? `${model} is in use.`
        : `${model} is in use. ${count(videos, 'video was', 'videos were')} read for it.`,
    notDone: (videos: number, model: string) =>
      `${count(videos, 'video', 'videos')} could not be read, so ${model} is not in use yet. Bring them back and read again, or use it without them: then searches do not find them.`,
    more: (value: number) => `and ${n(value)} more`,
    again: 'Read again',
    leaveOut: 'Use it without them',
  },
}
