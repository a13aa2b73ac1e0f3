variable "project_id" {
  description = "Google Cloud project that everything is made in."
  type        = string

  validation {
    condition     = can(regex("^[a-z][a-z0-9-]{4,28}[a-z0-9]$", var.project_id))
    error_message = "The id of a project (`gcloud projects list`), such as my-metrics-123456: not its name or number."
  }
}

variable "alert_email" {
  description = "Where alerts are mailed to."
  type        = string
}

variable "region" {
  description = "Region of services and images, and of the dataset unless `dataset_location` says otherwise."
  type        = string
  default     = "us-central1"

  validation {
    condition     = can(regex("^[a-z]+-[a-z]+[0-9]+$", var.region))
    error_message = "A region, such as us-central1: not a zone, not a multi-region."
  }
}

variable "image" {
  description = "Image that services begin with when they are made. Empty takes a placeholder until the first deployment; services that run an image already keep it."
  type        = string
  default     = ""
}

variable "public_api" {
  description = "Lets everybody reach metrics-api and get-anomalies; they then ask for an API key of the secret seismo-api-keys, into which a first one is put with gcloud. Otherwise they answer only to identity tokens of `invokers`. Never concerns processmetrics."
  type        = bool
  default     = false
}

variable "invokers" {
  description = "Who may call the services with an identity token, such as user:me@example.com or group:sre@example.com. Naming anybody also lets processmetrics be reached from outside the project, with such a token."
  type        = set(string)
  default     = []

  validation {
    condition     = alltrue([for member in var.invokers : can(regex("^(user|group|serviceAccount|domain|principal|principalSet):.+$", member))])
    error_message = "Members look like user:me@example.com. allUsers is what `public_api` is for, and processmetrics is never open to all."
  }
}

variable "retention_days" {
  description = "Days after which samples and findings expire."
  type        = number
  default     = 730
}

variable "keep_data" {
  description = "Leaves dataset and tables where they are on `terraform destroy`."
  type        = bool
  default     = false
}

variable "adopt_dataset" {
  description = "The dataset metrics_dataset is there already, perhaps with a real table metrics_table in it. Terraform then makes, changes and destroys nothing in it; `seismo migrate` makes what is missing and takes the table over."
  type        = bool
  default     = false
}

variable "dataset_location" {
  description = "Where the dataset lies, such as US or EU, if not in `region`. It cannot be moved later."
  type        = string
  default     = ""

  validation {
    condition     = can(regex("^(US|EU|[a-z]+-[a-z]+[0-9]+)?$", var.dataset_location))
    error_message = "A region, such as us-central1, or one of the multi-regions US and EU."
  }
}

variable "max_bytes_billed" {
  description = "Most that one query of the services may read, such as 100GiB; BigQuery refuses more before it costs anything."
  type        = string
  default     = "100GiB"

  validation {
    condition     = can(regex("^[0-9]+(KiB|MiB|GiB|TiB)$", var.max_bytes_billed))
    error_message = "A size, such as 100GiB."
  }
}

variable "instances" {
  description = "Fewest and most instances of the services that are named; the others have none at rest and as many as services.tf says."
  type        = map(object({ min = number, max = number }))
  default     = {}

  validation {
    condition     = alltrue([for name in keys(var.instances) : contains(["metrics-api", "processmetrics", "get-anomalies"], name)])
    error_message = "The services are metrics-api, processmetrics and get-anomalies."
  }
}

variable "uptime_checks" {
  description = "Calls /health of metrics-api and get-anomalies every minute, from the first deployment on."
  type        = bool
  default     = true
}

variable "repository_id" {
  description = "Number of the GitHub repository whose workflows deploy (`gh api repos/OWNER/NAME --jq .id`); empty makes no workload identity."
  type        = string
  default     = ""
}

variable "deploy_branches" {
  description = "Branches whose workflows may deploy."
  type        = set(string)
  default     = ["main", "master"]
}

variable "terraform_accounts" {
  description = "E-mail addresses of existing accounts of this project that workflows run Terraform as: one that may read it (plan), one that may change it (apply). Terraform does not make them, since it would give itself its own rights."
  type        = object({ plan = string, apply = string })
  default     = { plan = "", apply = "" }
}

variable "billing_account" {
  description = "Billing account for a budget, such as 012345-6789AB-CDEF01; empty makes none."
  type        = string
  default     = ""
}

variable "monthly_budget" {
  description = "Budget of a month in whole units of the billing account's currency."
  type        = number
  default     = 100
}

variable "disable_apis_on_destroy" {
  description = "Disables the APIs on `terraform destroy`, which also takes them from whatever else is in the project."
  type        = bool
  default     = false
}
