/** Keeps the keyword index equal to titles, SKUs, categories and descriptions. Runs in the engine. */
import type { Connection } from './connection.ts'
import { indexedSku, indexedText } from './keyword-text.ts'

type Row = { row_id: number; title: string | null; sku: string | null; category: string | null }

/** Writes the index row of one video anew. Call it in the transaction that changed the video's texts. */
export function refreshKeywords(connection: Connection, videoId: string): void {
  const video = connection.get<Row>('SELECT row_id, title, sku, category FROM videos WHERE id = ?', videoId)
  if (video === undefined) return
  const texts = connection.all<{ text: string }>(
    // Texts that the user wrote correct the imported ones: a wrong text must not be found any more.
    `SELECT text FROM descriptions WHERE video_id = ? AND (source = 'user' OR NOT EXISTS
     (SELECT 1 FROM descriptions WHERE video_id = ? AND source = 'user')) ORDER BY row_id`,
    videoId,
    videoId,
  )
  connection.run('DELETE FROM keyword_text WHERE rowid = ?', video.row_id)
  connection.run(
    'INSERT INTO keyword_text (rowid, title, descriptions, sku, category) VALUES (?, ?, ?, ?, ?)',
    video.row_id,
    indexedText(video.title ?? ''),
    // A line break between descriptions keeps a phrase from matching across two of them.
    texts.map(({ text }) => indexedText(text)).join('\n'),
    indexedSku(video.sku ?? ''),
    indexedText(video.category ?? ''),
  )
}
