// Redis carries wake-ups and remembers delivery ids: the smallest size is enough, and nothing in it needs a backup.
metadata description = 'Azure Managed Redis, with its connection string in the key vault.'

@description('Location of the cluster.')
param location string

@description('Name of the key vault.')
param vault string

@description('Subnet of the private endpoint. Without one the cluster has a public address.')
param subnetId string

@description('Private DNS zone of the endpoint, with a subnet.')
param zoneId string

@description('Size of the cluster.')
param sku string = 'Balanced_B0'

var isPrivate = !empty(subnetId)

resource cluster 'Microsoft.Cache/redisEnterprise@2025-07-01' = {
  name: 'redis-${uniqueString(resourceGroup().id)}'
  location: location
  sku: {
    name: sku
  }
  properties: {
    minimumTlsVersion: '1.2'
    highAvailability: 'Disabled'
    publicNetworkAccess: isPrivate ? 'Disabled' : 'Enabled'
  }

  resource database 'databases' = {
    name: 'default'
    properties: {
      accessKeysAuthentication: 'Enabled'
      clientProtocol: 'Encrypted'
      clusteringPolicy: 'EnterpriseCluster'
      evictionPolicy: 'AllKeysLRU'
      port: 10000
    }
  }
}

resource endpoint 'Microsoft.Network/privateEndpoints@2024-07-01' = if (isPrivate) {
  name: '${cluster.name}-endpoint'
  location: location
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: 'redis'
        properties: {
          privateLinkServiceId: cluster.id
          groupIds: [
            'redisEnterprise'
          ]
        }
      }
    ]
  }

  resource zone 'privateDnsZoneGroups' = {
    name: 'default'
    properties: {
      privateDnsZoneConfigs: [
        {
          name: 'redis'
          properties: {
            privateDnsZoneId: zoneId
          }
        }
      ]
    }
  }
}

resource keyVault 'Microsoft.KeyVault/vaults@2024-11-01' existing = {
  name: vault
}

resource connectionString 'Microsoft.KeyVault/vaults/secrets@2024-11-01' = {
  parent: keyVault
  name: 'connectionstrings--redis'
  properties: {
    value: '${cluster.properties.hostName}:${cluster::database.properties.port},password=${cluster::database.listKeys().primaryKey},ssl=True,abortConnect=False'
  }
}

@description('Address of the connection string.')
output secretUri string = '${keyVault.properties.vaultUri}secrets/${connectionString.name}'
