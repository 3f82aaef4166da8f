#!/bin/sh
# Run once by the postgres image on a new volume: the owner migrates, the application only uses the tables.
set -eu
psql --set ON_ERROR_STOP=1 --username "$POSTGRES_USER" --dbname "$POSTGRES_DB" \
    --set owner="$OWNER_PASSWORD" --set app="$APP_PASSWORD" --set db="$POSTGRES_DB" <<'SQL'
CREATE ROLE spbe_owner LOGIN PASSWORD :'owner';
CREATE ROLE spbe_app LOGIN PASSWORD :'app';
ALTER DATABASE :"db" OWNER TO spbe_owner;
CREATE EXTENSION IF NOT EXISTS pg_trgm;
SQL
