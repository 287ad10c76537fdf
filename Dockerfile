# Two images from one file: `services` holds all four services (the command says which one a container runs), `panel` is
# nginx with the built panel in front of both APIs.
# Services run their TypeScript as it is (Node strips the types), so there is nothing to compile for them.

# What `npm ci` looks at, and nothing else: installing is repeated only when a manifest or the lockfile has changed.
# A new workspace needs its line here.
FROM node:24-bookworm-slim AS manifests
WORKDIR /app
COPY package.json package-lock.json .npmrc ./
COPY schemas/package.json schemas/
COPY domain/package.json domain/
COPY event-log/package.json event-log/
COPY service/package.json service/
COPY views/package.json views/
COPY command-api/package.json command-api/
COPY projectors/package.json projectors/
COPY reactors/package.json reactors/
COPY query-api/package.json query-api/
COPY ui/package.json ui/
COPY embedded/package.json embedded/
COPY launcher/package.json launcher/
COPY tests/package.json tests/
COPY bench/package.json bench/

# Naming the four services leaves out what only the panel, the launcher, the tests and the benchmarks need, and the Node that
# the root package brings for machines without one. Nothing here has an install script that matters.
FROM manifests AS dependencies
RUN npm ci --omit=dev --ignore-scripts \
      --workspace=command-api --workspace=projectors --workspace=reactors --workspace=query-api \
 && rm -r ui embedded launcher tests bench

FROM manifests AS panel-build
RUN npm ci --ignore-scripts --workspace=ui
COPY tsconfig.base.json ./
COPY ui ui
RUN npm run build --workspace=ui

FROM node:24-bookworm-slim AS services
# In a container every address is the container's own; compose publishes ports on 127.0.0.1 only.
ENV NODE_ENV=production HOST=0.0.0.0
WORKDIR /app
COPY --from=dependencies /app ./
COPY schemas schemas
COPY domain domain
COPY event-log event-log
COPY service service
COPY views views
COPY command-api command-api
COPY projectors projectors
COPY reactors reactors
COPY query-api query-api
USER node
# Overridden by each service of docker-compose.yml.
CMD ["node", "command-api/src/server.ts"]

FROM nginxinc/nginx-unprivileged:1.29-alpine AS panel
COPY docker/nginx/panel-headers.conf docker/nginx/problem.conf docker/nginx/proxy.conf /etc/nginx/comptoir/
COPY docker/nginx/default.conf /etc/nginx/conf.d/default.conf
RUN nginx -t
COPY --from=panel-build /app/ui/dist /srv/panel
EXPOSE 8080
# nginx stops on SIGQUIT once its connections are done. Live streams never are: they are cut after these seconds, and the
# browser resumes where it was.
CMD ["nginx", "-g", "daemon off; worker_shutdown_timeout 3s;"]
