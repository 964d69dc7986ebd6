export { describeVideos } from './describe.ts'
export { findVideo } from './find-video.ts'
export { readTable, readTextFile, type TableRow } from './table-file.ts'
export { importTable, previewTable } from './table-import.ts'
