import type { Box, Drawing } from '../collector/drawing.ts'

/** A Mermaid flowchart, as GitHub and many wikis draw it. */
export function graphMermaid({ boxes, arrows }: Drawing): string {
  const ids = new Map(boxes.map(({ id }, index) => [id, `n${index}`]))
  const lines = [
    'flowchart LR',
    ...boxes.map(box => `  ${ids.get(box.id)}${shape(box)}:::${box.kind}`),
    ...arrows.map(({ from, to, label }) => `  ${ids.get(from)} -->${label ? `|${label}|` : ''} ${ids.get(to)}`),
    ...CLASSES.map(line => `  classDef ${line}`),
  ]
  return `${lines.join('\n')}\n`
}

const CLASSES = [
  'receiver fill:#e0f2fe,stroke:#0369a1,color:#0c4a6e',
  'pipeline fill:#f8fafc,stroke:#64748b,color:#0f172a',
  'connector fill:#fef3c7,stroke:#b45309,color:#78350f',
  'exporter fill:#dcfce7,stroke:#15803d,color:#14532d',
  'missing fill:#fee2e2,stroke:#b91c1c,color:#7f1d1d,stroke-dasharray:4',
]

function shape({ kind, name, detail }: Box): string {
  const label = `"${[name, detail].filter(Boolean).map(entities).join('<br/>')}"`
  if (kind === 'pipeline') return `(${label})`
  return kind === 'connector' ? `{{${label}}}` : `[${label}]`
}

// Everything that could end the label, or be taken for markup, as Mermaid's entity codes.
const entities = (text: string): string => text.replace(/["#<>&`\\\n\r]/g, character => `#${character.charCodeAt(0)};`)
