// Compares a verdict with ours; a difference ends the run with 1.
export function report(kind, it, verified) {
  const same = verified === it.accepted || (it.only_we_refuse && !it.accepted);
  console.log(`${same ? 'ok' : 'DIFFERS'}  ${kind}: ${it.name}: ${verified ? 'accepted' : 'refused'}`);
  if (!same) process.exitCode = 1;
}
