import { type Check, fromZero, when } from './part.ts'

const permissions: Check = read => {
  const text = read.written('directory_permissions')
  if (!read.isTrue('create_directory') || text === undefined || text === '') return undefined
  return when(
    !/^[0-7]+$/.test(text) || Number.parseInt(text, 8) > 0o777,
    'directory_permissions',
    '`directory_permissions` is no octal number up to 0777',
    'Write it as text: "0750".',
  )
}

export const file: readonly Check[] = [
  read =>
    when(
      read.isTrue('append') && read.has('rotation'),
      'append',
      '`append` does not go with `rotation`',
      'Remove `append`: a file with rotation is not truncated.',
    ),
  read =>
    when(
      !read.isTrue('create_directory') && (read.written('directory_permissions') ?? '') !== '',
      'directory_permissions',
      '`directory_permissions` needs `create_directory: true`',
      'Set it, or remove the permissions.',
    ),
  permissions,
  fromZero('flush_interval'),
  read => {
    const path = read.written('path')
    if (!read.isTrue('group_by.enabled') || path === undefined || path === '') return undefined
    return when(
      path.split('*').length !== 2 || path.startsWith('*'),
      'path',
      'with `group_by` the path has exactly one `*`, and not at its start',
      'Write one, such as /backup/*.jsonl.',
    )
  },
  read =>
    when(
      read.isTrue('group_by.enabled') &&
        read.has('group_by.resource_attribute') &&
        read.written('group_by.resource_attribute') === '',
      'group_by.resource_attribute',
      '`resource_attribute` is empty',
      'Name the attribute.',
    ),
]

export const fileStorage: readonly Check[] = [
  permissions,
  read =>
    when(
      read.isTrue('create_directory') && read.written('directory_permissions') === '',
      'directory_permissions',
      '`directory_permissions` is no octal number up to 0777',
      'Write it as text: "0750".',
    ),
  read =>
    when(
      read.isTrue('compaction.on_rebound') &&
        read.isDuration('compaction.check_interval') &&
        read.ms('compaction.check_interval') <= 0,
      'compaction.check_interval',
      '`check_interval` is not above 0',
      'Write a duration such as 5s.',
    ),
  ...(
    [
      ['compaction.rebound_needed_threshold_mib', 100],
      ['compaction.rebound_trigger_threshold_mib', 10],
    ] as const
  ).map(
    ([path, byDefault]): Check =>
      read =>
        when(
          read.isTrue('compaction.on_rebound') &&
            read.number('max_size') > 0 &&
            read.number(path, byDefault) * 2 ** 20 > read.number('max_size'),
          read.has(path) ? path : 'max_size',
          `\`${path}\` is more than \`max_size\``,
          '`max_size` is in bytes; make it larger.',
        ),
  ),
]
