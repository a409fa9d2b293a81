// What the services stand on: the environment of the container apps, the registry, the network and the telemetry.
metadata description = 'Environment of the container apps, registry, network and telemetry.'

@description('Location of all resources.')
param location string

@description('Principal id of the person or workflow that deploys, who may push images.')
param userPrincipalId string

@description('private: the stores are reached over a virtual network. public: behind their firewalls.')
@allowed(['private', 'public'])
param network string

@description('For how many days traces and logs are kept.')
param retentionDays int = 30

var isPrivate = network == 'private'
var suffix = uniqueString(resourceGroup().id)
var pushRole = subscriptionResourceId('Microsoft.Authorization/roleDefinitions', '8311e382-0749-4cb8-b61a-304f252e45ec')

resource registry 'Microsoft.ContainerRegistry/registries@2023-07-01' = {
  name: 'cr${suffix}'
  location: location
  sku: {
    name: 'Basic'
  }
  properties: {
    adminUserEnabled: false
  }
}

// Without a principal type, because it is a person on a developer's machine and an application in a workflow.
resource push 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(userPrincipalId)) {
  name: guid(registry.id, userPrincipalId, pushRole)
  scope: registry
  properties: {
    principalId: userPrincipalId
    roleDefinitionId: pushRole
  }
}

resource workspace 'Microsoft.OperationalInsights/workspaces@2023-09-01' = {
  name: 'log-${suffix}'
  location: location
  properties: {
    retentionInDays: retentionDays
    sku: {
      name: 'PerGB2018'
    }
  }
}

resource insights 'Microsoft.Insights/components@2020-02-02' = {
  name: 'appi-${suffix}'
  location: location
  kind: 'web'
  properties: {
    Application_Type: 'web'
    WorkspaceResourceId: workspace.id
    RetentionInDays: retentionDays
  }
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2024-05-01' = if (isPrivate) {
  name: 'vnet-${suffix}'
  location: location
  properties: {
    addressSpace: {
      addressPrefixes: [
        '10.20.0.0/22'
      ]
    }
    subnets: [
      {
        name: 'apps'
        properties: {
          addressPrefix: '10.20.0.0/23'
          delegations: [
            {
              name: 'apps'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
      {
        name: 'database'
        properties: {
          addressPrefix: '10.20.2.0/27'
          delegations: [
            {
              name: 'database'
              properties: {
                serviceName: 'Microsoft.DBforPostgreSQL/flexibleServers'
              }
            }
          ]
        }
      }
      {
        name: 'endpoints'
        properties: {
          addressPrefix: '10.20.2.32/27'
        }
      }
    ]
  }

  resource apps 'subnets' existing = {
    name: 'apps'
  }

  resource database 'subnets' existing = {
    name: 'database'
  }

  resource endpoints 'subnets' existing = {
    name: 'endpoints'
  }
}

resource databaseZone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (isPrivate) {
  name: 'webhooks-${suffix}.private.postgres.database.azure.com'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: 'apps'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: virtualNetwork.id
      }
    }
  }
}

resource redisZone 'Microsoft.Network/privateDnsZones@2024-06-01' = if (isPrivate) {
  name: 'privatelink.redis.azure.net'
  location: 'global'

  resource link 'virtualNetworkLinks' = {
    name: 'apps'
    location: 'global'
    properties: {
      registrationEnabled: false
      virtualNetwork: {
        id: virtualNetwork.id
      }
    }
  }
}

// The agent of the environment sets OTEL_EXPORTER_OTLP_ENDPOINT in each container app that has none of its own. Only previews of
// the API have it.
resource apps 'Microsoft.App/managedEnvironments@2025-02-02-preview' = {
  name: 'cae-${suffix}'
  location: location
  properties: {
    workloadProfiles: [
      {
        name: 'Consumption'
        workloadProfileType: 'Consumption'
      }
    ]
    vnetConfiguration: isPrivate
      ? {
          infrastructureSubnetId: virtualNetwork::apps.id
          internal: false
        }
      : null
    appLogsConfiguration: {
      destination: 'log-analytics'
      logAnalyticsConfiguration: {
        customerId: workspace.properties.customerId
        sharedKey: workspace.listKeys().primarySharedKey
      }
    }
    appInsightsConfiguration: {
      connectionString: insights.properties.ConnectionString
    }
    openTelemetryConfiguration: {
      tracesConfiguration: {
        destinations: [
          'appInsights'
        ]
      }
      logsConfiguration: {
        destinations: [
          'appInsights'
        ]
      }
    }
  }
}

@description('Host of the registry, to which azd pushes.')
output AZURE_CONTAINER_REGISTRY_ENDPOINT string = registry.properties.loginServer

@description('Environment of the container apps.')
output AZURE_CONTAINER_APPS_ENVIRONMENT_ID string = apps.id

@description('Domain of the container apps.')
output AZURE_CONTAINER_APPS_ENVIRONMENT_DEFAULT_DOMAIN string = apps.properties.defaultDomain

@description('Name of the registry.')
output registryName string = registry.name

@description('Subnet of Postgres; empty in a public network.')
output databaseSubnetId string = isPrivate ? virtualNetwork::database.id : ''

@description('DNS zone of Postgres; empty in a public network.')
output databaseZoneId string = isPrivate ? databaseZone.id : ''

@description('Subnet of private endpoints; empty in a public network.')
output endpointSubnetId string = isPrivate ? virtualNetwork::endpoints.id : ''

@description('DNS zone of Redis; empty in a public network.')
output redisZoneId string = isPrivate ? redisZone.id : ''
