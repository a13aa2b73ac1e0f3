/** Google's predefined roles of the services that are used here: the provider takes any name, an apply does not. */
const NAMES: Readonly<Record<string, string>> = {
  artifactregistry: 'admin createOnPushRepoAdmin createOnPushWriter reader repoAdmin serviceAgent writer',
  bigquery:
    'admin connectionAdmin connectionUser dataEditor dataOwner dataViewer filteredDataViewer jobUser metadataViewer ' +
    'readSessionUser resourceAdmin resourceEditor resourceViewer user',
  billing: 'admin costsManager creator projectManager user viewer',
  cloudscheduler: 'admin jobRunner serviceAgent viewer',
  iam:
    'roleAdmin roleViewer securityAdmin securityReviewer serviceAccountAdmin serviceAccountCreator ' +
    'serviceAccountDeleter serviceAccountKeyAdmin serviceAccountOpenIdTokenCreator serviceAccountTokenCreator ' +
    'serviceAccountUser serviceAccountViewer workloadIdentityPoolAdmin workloadIdentityPoolViewer workloadIdentityUser',
  logging: 'admin bucketWriter configWriter logWriter privateLogViewer viewAccessor viewer',
  monitoring:
    'admin alertPolicyEditor alertPolicyViewer dashboardEditor dashboardViewer editor metricWriter ' +
    'notificationChannelEditor notificationChannelViewer notificationServiceAgent uptimeCheckConfigEditor uptimeCheckConfigViewer viewer',
  pubsub: 'admin editor publisher serviceAgent subscriber viewer',
  resourcemanager: 'projectCreator projectDeleter projectIamAdmin projectMover',
  run: 'admin developer invoker jobsExecutor jobsExecutorWithOverrides serviceAgent servicesInvoker viewer',
  secretmanager: 'admin secretAccessor secretVersionAdder secretVersionManager viewer',
  serviceusage: 'apiKeysAdmin apiKeysViewer serviceUsageAdmin serviceUsageConsumer serviceUsageViewer',
  storage: 'admin objectAdmin objectCreator objectUser objectViewer',
};

export const BASIC_ROLES = ['roles/owner', 'roles/editor', 'roles/viewer'];

export const GOOGLE_ROLES: ReadonlySet<string> = new Set(
  Object.entries(NAMES).flatMap(([service, names]) =>
    names.split(' ').map((name) => `roles/${service}.${name}`),
  ),
);
