// Entry of the vendored bundle: all that assets/concord.js takes from others, as one global named `Vendor`.
import '@graphiql/react/dist/style.css';
import 'graphiql/src/style.css';

export { GraphiQL } from 'graphiql';
export { buildSchema, introspectionFromSchema } from 'graphql';
export { createElement } from 'react';
export { createRoot } from 'react-dom/client';
