// How @hey-api/openapi-ts writes the client: for node as it is, without a bundler.
export default {
  input: "openapi.json",
  output: { path: "generated/hey-api", module: { extension: ".js" } },
  plugins: ["@hey-api/client-fetch", "@hey-api/typescript", "@hey-api/sdk"],
};
