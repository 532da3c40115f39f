/** How a fault is told to a person, by its kind: the sentence goes on after the backend's name. */
const WORDS: ReadonlyMap<string, { readonly made: string; readonly ended: string }> = new Map([
  ['stop', { made: 'is stopped', ended: 'is started again' }],
  ['kill', { made: 'is killed', ended: 'is started again' }],
  ['pause', { made: 'is paused: it takes connections and answers nothing', ended: 'goes on' }],
  ['partition', { made: 'is cut off: no packet arrives', ended: 'is reachable again' }],
  ['latency', { made: 'answers late', ended: 'answers as fast as before' }],
  ['answer', { made: 'answers with an error status', ended: 'answers as it should' }],
  ['disk-full', { made: 'has no space left', ended: 'has space again' }],
  ['node-loss', { made: 'loses its nodes', ended: 'has its nodes again' }],
  ['restart', { made: 'is stopped', ended: 'is started again' }],
  ['reject', { made: 'answers with an error status', ended: 'answers as it should' }],
  ['partial-success', { made: 'rejects a share of the spans', ended: 'takes all spans again' }],
  ['reset', { made: 'breaks connections off', ended: 'answers as it should' }],
  ['loss', { made: 'loses a share of the packets', ended: 'loses no packets any more' }],
  ['flap', { made: 'goes down and up, again and again', ended: 'stays up' }],
  ['config', { made: 'runs with another config', ended: 'runs with its own config again' }],
  ['crash', { made: 'is killed', ended: 'is started again' }],
])

export const faultWords = (kind: string): { readonly made: string; readonly ended: string } =>
  WORDS.get(kind) ?? { made: kind, ended: 'is over' }
