// Sets GraphiQL up for this server: endpoint, schema, and one example for each kind of client.
// It holds no token: what is typed into the Headers tab stays in memory and is gone with the page.
'use strict';

(() => {
  const { GraphiQL, buildSchema, createElement, createRoot, introspectionFromSchema } = Vendor;

  const endpoint = '/graphql';
  const schemaAddress = '/schema.graphql';
  const schemaQuery = 'ExplorerSchema';

  /** Sends one operation and gives back the answer, whatever its status: errors are part of it. */
  async function send(parameters, headers) {
    const response = await fetch(endpoint, {
      method: 'POST',
      headers: {
        Accept: 'application/graphql-response+json, application/json',
        'Content-Type': 'application/json',
        ...headers,
      },
      body: JSON.stringify(parameters),
    });
    const text = await response.text();
    try {
      return JSON.parse(text);
    } catch {
      return { errors: [{ message: `Status ${response.status} ${response.statusText}`.trim() }] };
    }
  }

  /**
   * Answers the explorer's question for the schema from the published SDL, which needs no token.
   * Where that is not served, the endpoint is asked: it answers signed-in callers.
   */
  async function describe(parameters, headers) {
    const response = await fetch(schemaAddress);
    if (!response.ok) return send(parameters, headers);
    return { data: introspectionFromSchema(buildSchema(await response.text())) };
  }

  function fetcher(parameters, { headers } = {}) {
    return parameters.operationName === schemaQuery ? describe(parameters, headers) : send(parameters, headers);
  }

  /** A course and a program of this server, so that the examples that show one can be run at once. */
  async function sampleIds() {
    const query = '{ courses(first: 1) { nodes { id } } programs(filter: { kinds: [MICRO_PATHWAY] }, first: 1) { nodes { id } } }';
    const { data } = await send({ query }).catch(() => ({}));
    return { course: data?.courses?.nodes[0]?.id ?? 'crs_', program: data?.programs?.nodes[0]?.id ?? 'prg_' };
  }

  /** The tabs a first visitor finds. All of them run without a token. */
  const examples = ({ course, program }) => [
    {
      query: `# College portal: the search page. No token needed.
# Ctrl-Enter runs it; put words into "search" below.
query CatalogSearch(
  $search: String, $filter: CourseFilter, $after: String
) {
  courses(
    search: $search, filter: $filter, first: 10
    after: $after
  ) {
    totalCount
    pageInfo { hasNextPage endCursor }
    nodes {
      id
      code
      title
      summary
      price
      institution { name region { name } }
      credential { name kind }
      offerings(first: 3, filter: { statuses: [OPEN] }) {
        nodes {
          startsOn
          modality
          seats { available isWaitlistOpen }
        }
      }
    }
  }
  regions { code name }
}
`,
      variables: { search: null, filter: { isForCredit: false } },
    },
    {
      query: `# College portal: the page of one course.
# No token needed.
query CoursePage($course: EntityRef!) {
  course(by: $course) {
    id
    code
    title
    description
    contactHours
    price
    institution { name websiteUrl region { name } }
    competencies { name kind }
    prerequisites { id code title }
    credential {
      name
      kind
      issuer { name }
      stacksInto { name kind }
    }
    programs { id title kind durationWeeks }
    offerings(first: 10) {
      nodes {
        id
        code
        startsOn
        endsOn
        modality
        schedule
        price
        campus { name }
        seats { capacity available waitlisted }
      }
    }
  }
}
`,
      variables: { course: { id: course } },
    },
    {
      query: `# College portal: a micro-pathway, its courses and
# the next cohorts. No token needed.
query MicroPathway($program: EntityRef!) {
  program(by: $program) {
    id
    title
    summary
    durationWeeks
    price
    institution { name slug }
    industries { naicsCode title }
    components {
      sequence
      isRequired
      course { code title contactHours }
    }
    credential { name criteria stacksInto { name kind } }
    offerings(first: 6) {
      nodes {
        startsOn
        endsOn
        modality
        campus { name }
        seats { available }
      }
    }
  }
}
`,
      variables: { program: { id: program } },
    },
    // A business and a notebook find the public catalog here. The rest of what they do comes with a token.
    {
      query: `# Business portal: which pathways serve our industry,
# what do they cost, and when can our people begin?
# No token needed.
query BusinessPathways($programs: ProgramFilter) {
  viewer { kind displayName }
  programs(filter: $programs, first: 5) {
    nodes {
      id
      title
      price
      durationWeeks
      industries { naicsCode title }
      institution { name }
      credential { name }
      offerings(first: 2) {
        nodes { startsOn seats { available } }
      }
    }
  }
}
`,
      variables: { programs: { kinds: ['MICRO_PATHWAY'] } },
    },
    {
      query: `# Analytics notebook: what is taught where, a page at
# a time: put endCursor into "after" below for the next.
# No token needed.
query NotebookSupply($first: Int, $after: String) {
  institutions(first: $first, after: $after) {
    pageInfo { hasNextPage endCursor }
    nodes {
      name
      kind
      region { code name }
      courses(first: 1) { totalCount }
      programs(first: 1) { totalCount }
    }
  }
  industries { naicsCode title }
}
`,
      variables: { first: 20 },
    },
  ];

  /** The browser's storage, but for headers: GraphiQL would keep those of its history there, and so a token. */
  const storage = {
    get length() {
      return localStorage.length;
    },
    clear: () => localStorage.clear(),
    getItem: (key) => localStorage.getItem(key),
    removeItem: (key) => localStorage.removeItem(key),
    setItem(key, value) {
      const holdsHeaders = ['graphiql:queries', 'graphiql:favorites'].includes(key);
      const withoutHeaders = (name, part) => (name === 'headers' ? undefined : part);
      localStorage.setItem(key, holdsHeaders ? JSON.stringify(JSON.parse(value), withoutHeaders) : value);
    },
  };

  /** The tab that the last visit ended with: told of anything else, GraphiQL opens one more. */
  function lastShown() {
    try {
      const { tabs, activeTabIndex } = JSON.parse(storage.getItem('graphiql:tabState'));
      return tabs[activeTabIndex];
    } catch {
      return undefined;
    }
  }

  async function start() {
    const isFirstVisit = storage.getItem('graphiql:tabState') === null;
    const tabs = isFirstVisit
      ? examples(await sampleIds()).map(({ query, variables }) => ({ query, variables: JSON.stringify(variables, null, 2) }))
      : undefined;
    const explorer = createElement(GraphiQL, {
      fetcher,
      introspectionQueryName: schemaQuery,
      defaultQuery: '# Ctrl-Space lists what fits here, Ctrl-Enter runs it.\n\n',
      defaultTabs: tabs,
      variables: (tabs?.[0] ?? lastShown())?.variables ?? undefined, // GraphiQL shows those of a tab only if they are given here too
      defaultEditorToolsVisibility: 'variables',
      isHeadersEditorEnabled: true,
      shouldPersistHeaders: false,
      storage,
    });
    createRoot(document.getElementById('graphiql')).render(explorer);
    document.getElementById('docs').addEventListener('click', () => {
      document.querySelector('button[aria-label="Show Documentation Explorer"]')?.click();
    });
  }

  start();
})();
