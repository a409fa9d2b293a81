// A service as a container app. The AppHost passes texts only, because azd passes nothing else.
metadata description = 'A service as a container app.'

@description('Name of the container app.')
param name string

@description('Image, as azd has pushed it.')
param image string

@description('Port on which the container listens.')
param port string

@description('Whether the internet reaches the app.')
@allowed(['true', 'false'])
param isPublic string

@description('Whether a browser gets the same replica again.')
@allowed(['true', 'false'])
param isSticky string

@description('Custom domain. Without one, the app has the name that Azure gives it.')
param domain string

@description('Certificate of the domain, by its resource id. Without one, the domain is added but not answered.')
param certificateId string

@description('Environment of the container apps.')
param environmentId string

@description('Host of the container registry.')
param registry string

@description('Identity of the service.')
param identityId string

@description('Name of the identity, which is its role in Postgres; empty for a service without access to it.')
param identityName string

@description('Host of Postgres; empty for a service without access to it.')
param databaseHost string

@description('Environment variables by name, as a JSON object. One without a value is left out.')
param settings string

@description('Addresses of key vault secrets by the environment variable that gets the value, as a JSON object.')
param references string

@description('Addresses of key vault secrets by the path of the file that gets the value, as a JSON object.')
param files string

@description('Kinds of jobs whose number decides on replicas, separated by blanks. Without any, concurrent requests do.')
param jobKinds string

@description('Smallest number of replicas.')
param minReplicas string

@description('Largest number of replicas.')
param maxReplicas string

// A replica of the Receiver accepts some thousand events a second; its connections are what runs out first.
var requestsPerReplica = 200

// A Worker has 64 places for tasks, a Sender 1,024 for deliveries. A replica more pays when the line is longer than that.
var jobsPerReplica = 500

var variables = filter(items(json(settings)), variable => !empty(variable.value))
var secretVariables = map(items(json(references)), secret => {
  variable: secret.key
  name: toLower(replace(secret.key, '_', '-'))
  uri: secret.value
})
var secretFiles = map(items(json(files)), file => {
  folder: substring(file.key, 0, lastIndexOf(file.key, '/'))
  file: last(split(file.key, '/'))
  name: 'file${toLower(replace(replace(file.key, '/', '-'), '.', '-'))}'
  uri: file.value
})

// Counting stops there: a long line must not make the count slow. A paused source and an open circuit need no replicas.
var due = 'select count(*) from (select from webhooks.jobs job where finished_at is null and kind in (\'${join(split(jobKinds, ' '), '\', \'')}\') and due_at <= now() and not exists (select from webhooks.lanes lane where lane.kind = job.kind and lane.lane = job.lane and lane.held_until > now()) limit 10000) due'

resource app 'Microsoft.App/containerApps@2025-01-01' = {
  name: name
  location: resourceGroup().location
  tags: {
    'azd-service-name': name
  }
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    environmentId: environmentId
    workloadProfileName: 'Consumption'
    configuration: {
      activeRevisionsMode: 'Single'
      maxInactiveRevisions: 10
      ingress: {
        external: bool(isPublic)
        targetPort: int(port)
        transport: 'http'
        allowInsecure: false
        stickySessions: {
          affinity: bool(isSticky) ? 'sticky' : 'none'
        }
        // A deployment removes the domains that it does not name.
        customDomains: empty(domain)
          ? []
          : [
              {
                name: domain
                bindingType: empty(certificateId) ? 'Disabled' : 'SniEnabled'
                certificateId: empty(certificateId) ? null : certificateId
              }
            ]
      }
      registries: [
        {
          server: registry
          identity: identityId
        }
      ]
      secrets: [
        for secret in concat(secretVariables, secretFiles): {
          name: secret.name
          keyVaultUrl: secret.uri
          identity: identityId
        }
      ]
    }
    template: {
      // Worker and Sender finish what runs within 10 s and hand the rest back.
      terminationGracePeriodSeconds: 30
      containers: [
        {
          name: name
          image: image
          resources: {
            cpu: json('1.0')
            memory: '2Gi'
          }
          env: concat(
            map(variables, variable => { name: variable.key, value: string(variable.value) }),
            map(secretVariables, secret => { name: secret.variable, secretRef: secret.name })
          )
          probes: [
            {
              type: 'Startup'
              httpGet: {
                path: '/health/live'
                port: int(port)
              }
              periodSeconds: 2
              failureThreshold: 30
            }
            {
              type: 'Liveness'
              httpGet: {
                path: '/health/live'
                port: int(port)
              }
              periodSeconds: 10
              timeoutSeconds: 5
              failureThreshold: 3
            }
            {
              type: 'Readiness'
              httpGet: {
                path: '/health/ready'
                port: int(port)
              }
              periodSeconds: 5
              timeoutSeconds: 5
              failureThreshold: 3
            }
          ]
          volumeMounts: [
            for file in secretFiles: {
              volumeName: file.name
              mountPath: file.folder
            }
          ]
        }
      ]
      scale: {
        minReplicas: int(minReplicas)
        maxReplicas: int(maxReplicas)
        rules: [
          empty(jobKinds)
            ? {
                name: 'requests'
                http: {
                  metadata: {
                    concurrentRequests: string(requestsPerReplica)
                  }
                }
              }
            : {
                name: 'jobs'
                custom: {
                  type: 'postgresql'
                  identity: identityId
                  metadata: {
                    host: databaseHost
                    port: '5432'
                    userName: identityName
                    dbName: 'webhooks'
                    sslmode: 'require'
                    query: due
                    targetQueryValue: string(jobsPerReplica)
                  }
                }
              }
        ]
      }
      volumes: [
        for file in secretFiles: {
          name: file.name
          storageType: 'Secret'
          secrets: [
            {
              secretRef: file.name
              path: file.file
            }
          ]
        }
      ]
    }
  }
}

@description('Host name of the app.')
output host string = app.properties.configuration.ingress.fqdn
