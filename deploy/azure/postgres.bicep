// PostgreSQL with login by Entra only: nobody has a password.
metadata description = 'Azure Database for PostgreSQL, flexible server.'

@description('Location of the server.')
param location string

@description('Name of the identity that owns the schema.')
param administratorName string

@description('Principal id of that identity.')
param administratorId string

@description('Subnet of the server. Without one it has a public address behind a firewall.')
param subnetId string

@description('Private DNS zone of the server, with a subnet.')
param zoneId string

@description('Size of the server. The smallest one serves 12 processes of 30 connections each.')
param sku object = {
  name: 'Standard_B2s'
  tier: 'Burstable'
}

@description('Disk in GiB. It grows by itself and never shrinks.')
param storageGB int = 64

@description('For how many days a state of the database can be restored.')
@minValue(7)
@maxValue(35)
param backupDays int = 14

var isPrivate = !empty(subnetId)

resource server 'Microsoft.DBforPostgreSQL/flexibleServers@2024-08-01' = {
  name: 'psql-${uniqueString(resourceGroup().id)}'
  location: location
  sku: sku
  properties: {
    version: '17'
    createMode: 'Default'
    authConfig: {
      activeDirectoryAuth: 'Enabled'
      passwordAuth: 'Disabled'
      tenantId: tenant().tenantId
    }
    storage: {
      storageSizeGB: storageGB
      autoGrow: 'Enabled'
    }
    backup: {
      backupRetentionDays: backupDays
      geoRedundantBackup: 'Disabled'
    }
    highAvailability: {
      mode: 'Disabled'
    }
    network: isPrivate
      ? {
          delegatedSubnetResourceId: subnetId
          privateDnsZoneArmResourceId: zoneId
          publicNetworkAccess: 'Disabled'
        }
      : {
          publicNetworkAccess: 'Enabled'
        }
  }

  resource database 'databases' = {
    name: 'webhooks'
    properties: {
      charset: 'UTF8'
      collation: 'C'
    }
  }

  // The server carries out one change at a time.
  resource administrator 'administrators' = {
    name: administratorId
    properties: {
      principalName: administratorName
      principalType: 'ServicePrincipal'
      tenantId: tenant().tenantId
    }
    dependsOn: [
      database
    ]
  }

  // Addresses within Azure: the container apps have no fixed address without a virtual network.
  resource azure 'firewallRules' = if (!isPrivate) {
    name: 'azure'
    properties: {
      startIpAddress: '0.0.0.0'
      endIpAddress: '0.0.0.0'
    }
    dependsOn: [
      administrator
    ]
  }
}

@description('Host name of the server.')
output host string = server.properties.fullyQualifiedDomainName
