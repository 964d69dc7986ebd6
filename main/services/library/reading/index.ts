export { readingTime, secondsOf } from './index-rate.ts'
export { readVideosFor, videosUnseenBy, type CatalogueRead, type ReadParts } from './read-catalogue.ts'
export { createFeatureWriter } from './video-writers.ts'
