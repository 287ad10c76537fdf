// Who may import whom. The folders form layers through which data goes one way; a boundary broken is a red build.
const may = {
  schemas: [],
  domain: ['schemas'],
  'event-log': ['schemas'],
  service: [],
  views: ['schemas'],
  'command-api': ['domain', 'event-log', 'schemas', 'service'],
  projectors: ['event-log', 'schemas', 'service', 'views'],
  reactors: ['event-log', 'schemas', 'service', 'views'],
  'query-api': ['domain', 'event-log', 'schemas', 'service', 'views'],
  ui: [],
  embedded: [],
  launcher: ['embedded', 'service'],
};
const all = [...Object.keys(may), 'tests', 'bench'];

/** @type {import('dependency-cruiser').IConfiguration} */
module.exports = {
  forbidden: [
    ...Object.entries(may).map(([folder, allowed]) => ({
      name: `${folder}-imports`,
      comment: `${folder} may import ${allowed.length > 0 ? allowed.join(', ') : 'nothing'} of this project`,
      severity: 'error',
      from: { path: `^${folder}/` },
      to: { path: `^(${all.filter((other) => other !== folder && !allowed.includes(other)).join('|')})/` },
    })),
    {
      name: 'public-entry-only',
      comment: 'another workspace is imported by its entry, never by a file inside it',
      severity: 'error',
      from: { path: '^([^/]+)/' },
      to: {
        path: '^([^/]+)/src/',
        pathNot: ['^$1/', '^[^/]+/src/index\\.ts$', '^service/src/configuration\\.ts$'],
      },
    },
    {
      name: 'embedded-entry-only',
      comment: 'the embedded servers are started through their entry',
      severity: 'error',
      from: { pathNot: '^embedded/' },
      to: { path: '^embedded/', pathNot: '^embedded/index\\.ts$' },
    },
    {
      name: 'kafka-only-in-event-log',
      comment: 'kafkajs, the registry client and avsc are behind event-log',
      severity: 'error',
      from: { pathNot: '^(event-log|embedded|tests|bench)/' },
      to: { path: 'node_modules/(kafkajs|@kafkajs/confluent-schema-registry|avsc)/' },
    },
    {
      name: 'domain-is-pure',
      comment: 'no input, output, clock or randomness in the domain',
      severity: 'error',
      from: { path: '^domain/', pathNot: '(\\.test|/property-settings)\\.ts$' },
      to: { dependencyTypes: ['core'] },
    },
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    exclude: { path: '(^|/)dist/' },
    enhancedResolveOptions: {
      exportsFields: ['exports'],
      conditionNames: ['import', 'require', 'node', 'default', 'types'],
    },
  },
};
