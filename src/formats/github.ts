import { type Report, relativePath, sayBoth, word } from './report.ts'

/** Workflow commands: GitHub Actions shows each finding at its line in the pull request. */
export const github = ({ findings, folder }: Report): string =>
  findings
    .map(finding => {
      const { rule, severity, at } = finding
      const properties = {
        file: relativePath(at.file, folder),
        line: at.line,
        endLine: at.line,
        col: at.column,
        endColumn: at.column + at.length,
        title: `failoverctl: ${rule}`,
      }
      const list = Object.entries(properties).map(([name, value]) => `${name}=${escapeProperty(String(value))}`)
      return `::${word(severity, 'notice')} ${list.join(',')}::${escapeData(sayBoth(finding))}\n`
    })
    .join('')

// As actions/toolkit's core.issueCommand does it: what would end the command or a property is written as %XX.
const escapeData = (text: string): string => text.replaceAll('%', '%25').replaceAll('\r', '%0D').replaceAll('\n', '%0A')
const escapeProperty = (text: string): string => escapeData(text).replaceAll(':', '%3A').replaceAll(',', '%2C')
