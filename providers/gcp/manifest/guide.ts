import type { GuideBlock, GuideContext } from '../../manifests/types.ts';

/** What people meet at Google before they come back. */
export const signInGuide = (): readonly GuideBlock[] => [
  {
    title: 'On the pages of Google',
    text:
      'Sign in with the account whose projects are to be connected. Google asks for each access one by one: tick ' +
      'the one for your Google Cloud data, or the connection sees nothing.',
  },
];

/** Google has a box for each kind of access, and none for reading databases and functions. */
export const readOnlyGuide = (): readonly GuideBlock[] => [
  {
    title: 'On the pages of Google',
    text:
      'Sign in with the account whose projects are to be connected. Google asks for each access one by one: tick all of ' +
      'them, or what is not ticked is not seen: your Google Cloud data, Compute Engine, Kubernetes Engine, Cloud Run.',
  },
  {
    title: 'What a read-only sign-in cannot list',
    text:
      'Databases (Cloud SQL, Spanner, AlloyDB) and Cloud Functions: Google has no read-only access to them. To see them ' +
      'too, connect with the full sign-in, or with a service account that has read roles only.',
  },
];

/** How to make a service account that may read one project, and its key; in the console or with gcloud. */
export function serviceAccountGuide({ values }: GuideContext): readonly GuideBlock[] {
  const console = values['consoleUrl'] ?? '';
  return [
    {
      title: 'Make a service account and its key',
      text:
        'In the Google Cloud console: make a service account in the project, give it the role Viewer (roles/viewer), ' +
        'and enable the Cloud Resource Manager API and the Cloud Asset API in that project. To list the resources of ' +
        'other projects too, give it Viewer there. Then open its keys, and choose Add key, Create new key, JSON.',
    },
    { title: 'Open the service accounts in the console', text: `${console}/iam-admin/serviceaccounts`, format: 'url' },
    { title: 'With the gcloud CLI', text: commandLines, format: 'shell' },
    {
      title: 'Then paste the key file',
      text:
        'All of it, from { to }. A new key takes up to some minutes to work everywhere: give it at once, Mooring waits. ' +
        'Delete the file afterwards; Mooring keeps the key in its secret store alone.',
    },
  ];
}

const commandLines = `PROJECT=your-project-id
gcloud services enable cloudresourcemanager.googleapis.com cloudasset.googleapis.com --project="$PROJECT"
gcloud iam service-accounts create mooring --project="$PROJECT" --display-name=Mooring
gcloud projects add-iam-policy-binding "$PROJECT" --role=roles/viewer \\
  --member="serviceAccount:mooring@$PROJECT.iam.gserviceaccount.com"
gcloud projects add-iam-policy-binding "$PROJECT" --role=roles/cloudasset.viewer \\
  --member="serviceAccount:mooring@$PROJECT.iam.gserviceaccount.com"
gcloud iam service-accounts keys create mooring-key.json \\
  --iam-account="mooring@$PROJECT.iam.gserviceaccount.com"`;
