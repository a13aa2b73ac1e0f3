/**
 * Counts vitest's JSON report so that nothing red can look green: a file that failed before its tests ran, an
 * error outside any test, a report that is missing, and a run without a test each count as failed.
 */
export function countVitest(report, exitCode, { maySkip }) {
  const counts = { passed: 0, failed: 0, skipped: 0, problems: [] };
  const fail = (problem) => {
    counts.failed += 1;
    counts.problems.push(problem);
  };
  for (const file of report?.testResults ?? []) {
    let failedInFile = 0;
    for (const { status } of file.assertionResults) {
      if (status === 'passed') counts.passed += 1;
      else if (status === 'failed') failedInFile += 1;
      else counts.skipped += 1;
    }
    counts.failed += failedInFile;
    if (file.status === 'failed' && failedInFile === 0) fail(`${file.name} failed outside its tests`);
  }
  if (report === undefined) fail(`vitest ended with ${exitCode} and left no report`);
  else if (counts.passed + counts.failed === 0) fail('no test was run');
  else if (exitCode !== 0 && counts.failed === 0)
    fail(`vitest ended with ${exitCode}: an error outside the tests`);
  if (!maySkip && counts.skipped > 0) fail(`${counts.skipped} skipped, and with CI=true none may be`);
  return counts;
}
