/** The customer's tables: what is tolerated, what is refused, and in which words. */
import { expect, test } from 'vitest'
import { isExemplarTable, momentOf, secondsOf } from '../../../../main/services/library/tables/exemplar-table.ts'
import { findDelimiter, parseTable } from '../../../../main/services/library/tables/table-file.ts'
import { sameMoment } from '../../../../main/services/search/evaluate.ts'
import { percentiles, verdictOf } from '../../../../main/services/audit/judge-run.ts'

const columns = ['file', 'description']

test('a table with a BOM, CRLF line ends, quoted commas and upper-case names is read', () => {
  const { rows, problems } = parseTable(
    '\ufeffFile,Description\r\na.mp4,"red, small ""shoe"""\r\n\r\nb.mp4,靴\r\n',
    columns,
    't.csv',
  )
  expect(problems).toEqual([])
  expect(rows.map(({ cells }) => cells)).toEqual([
    { file: 'a.mp4', description: 'red, small "shoe"' },
    { file: 'b.mp4', description: '靴' },
  ])
})

test('a missing column is refused with its name', () => {
  expect(() => parseTable('file,title\na.mp4,x\n', columns, 't.csv')).toThrow(
    't.csv needs a first line with the columns file,description; description is missing.',
  )
  expect(() => parseTable('', columns, 't.csv')).toThrow('file, description are missing')
})

test('a row with too many columns is a problem of that row only', () => {
  const { rows, problems } = parseTable('file,description\na.mp4,red, small\nb.mp4,blue\n', columns, 't.csv')
  expect(problems).toMatchObject([{ row: 2, reason: 'wrongColumns' }])
  expect(rows).toMatchObject([{ row: 3, cells: { file: 'b.mp4' } }])
})

test('a row with too few columns has empty cells', () => {
  expect(parseTable('file,description\na.mp4\n', columns, 't.csv').rows[0]?.cells).toEqual({
    file: 'a.mp4',
    description: '',
  })
})

test('times are seconds or clock times', () => {
  expect(['12.5', '1:05.25', '1:02:03', '0'].map(secondsOf)).toEqual([12.5, 65.25, 3723, 0])
  expect(['', '-1', '1,5', 'NaN', '1e3', 'two'].map(secondsOf)).toEqual([null, null, null, null, null, null])
})

test('a shot counts as an asked moment when they share half of the shorter one', () => {
  const segment = { startSeconds: 2, endSeconds: 6 }
  expect(sameMoment(segment, { start: 0, end: 4 })).toBe(true) // 2 of 4
  expect(sameMoment(segment, { start: 0, end: 3.9 })).toBe(false)
  expect(sameMoment(segment, { start: 5, end: 6.5 })).toBe(true) // the range is the shorter one
  expect(sameMoment(segment, { start: 6, end: 9 })).toBe(false) // half-open: touching is not sharing
})

test('percentiles share a value between ties', () => {
  expect([...percentiles(Float32Array.of(3, 1, 1, 2, 9))]).toEqual([75, 0, 0, 50, 100])
})

test('a low weight is suspect only with a high loss, and too easy with a low one', () => {
  expect(verdictOf(95, 5)).toBe('suspect')
  expect(verdictOf(95, 80)).toBe('ordinary')
  expect(verdictOf(5, 5)).toBe('too easy')
  expect(verdictOf(50, 5)).toBe('ordinary')
  expect(verdictOf(95, null)).toBe('suspect')
  expect(verdictOf(5, null)).toBe('ordinary')
})

test.each([
  ['a semicolon', 'file;description\na.mp4;red, small\n'],
  ['a tab', 'file\tdescription\na.mp4\tred, small\n'],
  ['a bar', 'file|description\ra.mp4|red, small\r'],
  ['what its first line says', 'sep=;\r\nfile;description\r\na.mp4;red, small\r\n'],
])('cells may be separated by %s', (_, text) => {
  expect(parseTable(text, columns, 't.csv').rows).toEqual([
    { row: 2, cells: { file: 'a.mp4', description: 'red, small' } },
  ])
})

test('a sign in a quoted name of a column separates nothing', () => {
  expect(findDelimiter('file,"a;b;c;d"\n').delimiter).toBe(',')
})

test('rows are counted as a spreadsheet shows them', () => {
  const { rows, problems } = parseTable(
    'file,description\na.mp4,"two\nlines"\n\n\nb.mp4,x,y\nc.mp4,z,,\n',
    columns,
    't.csv',
  )
  expect(rows.map(({ row }) => row)).toEqual([2, 6])
  expect(problems).toMatchObject([{ row: 5, reason: 'wrongColumns' }])
})

test('times may have a decimal comma or be timecodes at the rate of the video', () => {
  expect(['0,5', '0:00:00.5', '1:05,25'].map((text) => momentOf(text, null))).toEqual([0.5, 0.5, 65.25])
  expect(momentOf('00:00:01:05', 25)).toBeCloseTo(1.2, 9)
  expect(momentOf('00:01:00;02', 30_000 / 1001)).toBeCloseTo(1800 / (30_000 / 1001), 9)
  expect(['00:00:00:25', '1,2,3', 'x'].map((text) => momentOf(text, 25))).toEqual([null, null, null])
  expect(momentOf('00:00:00:05', null)).toBeNull()
})

test('a table with moments and grades is one of exemplars', () => {
  expect(isExemplarTable(['File', 'Start', 'End', 'Description', 'Grade', 'concept'])).toBe(true)
  expect(isExemplarTable(['file', 'start', 'end', 'description'])).toBe(false)
})
