import { sql } from './chunk-5UIMO4FR.js';

// node_modules/kysely/dist/helpers/postgres.js
function jsonArrayFrom(expr) {
  return sql`(select coalesce(json_agg(agg), '[]') from ${expr} as agg)`;
}
function jsonObjectFrom(expr) {
  return sql`(select to_json(obj) from ${expr} as obj)`;
}
function jsonBuildObject(obj) {
  return sql`json_build_object(${sql.join(Object.keys(obj).flatMap((k) => [sql.lit(k), obj[k]]))})`;
}
function mergeAction() {
  return sql`merge_action()`;
}
export { jsonArrayFrom, jsonBuildObject, jsonObjectFrom, mergeAction };
