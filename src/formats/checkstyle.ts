import { byFile, type Report, relativePath, sayBoth } from './report.ts'
import { document, element } from './xml.ts'

/** The format of the Java tool Checkstyle, which Jenkins, reviewdog and many others read. */
export function checkstyle(report: Report): string {
  const files = Array.from(byFile(report), ([file, findings]) =>
    element(
      'file',
      { name: relativePath(file, report.folder) },
      findings.map(finding => {
        const { rule, severity, at } = finding
        return element('error', {
          line: at.line,
          column: at.column,
          severity,
          message: sayBoth(finding),
          source: `failoverctl.${rule}`,
        })
      }),
    ),
  )
  return document(element('checkstyle', { version: '4.3' }, files))
}
