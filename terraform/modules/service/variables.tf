variable "project_id" {
  description = "Project of the service."
  type        = string
}

variable "project_number" {
  description = "Number of that project; the service's address is made of it."
  type        = string
}

variable "location" {
  description = "Region of the service."
  type        = string
}

variable "name" {
  description = "Name of the service; the image takes its role from it."
  type        = string
}

variable "description" {
  description = "What it does, in a sentence."
  type        = string
}

variable "image" {
  description = "Image of the first revision; later ones come from deployments."
  type        = string
}

variable "account_email" {
  description = "Account that the service runs as."
  type        = string
}

variable "ingress" {
  description = "From where it can be reached at all."
  type        = string
  default     = "INGRESS_TRAFFIC_ALL"

  validation {
    condition     = contains(["INGRESS_TRAFFIC_ALL", "INGRESS_TRAFFIC_INTERNAL_ONLY", "INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER"], var.ingress)
    error_message = "One of INGRESS_TRAFFIC_ALL, INGRESS_TRAFFIC_INTERNAL_ONLY, INGRESS_TRAFFIC_INTERNAL_LOAD_BALANCER."
  }
}

variable "environment" {
  description = "Environment variables."
  type        = map(string)
  default     = {}
}

variable "secret_environment" {
  description = "Environment variables whose value is the newest version of a secret, by the secret's name."
  type        = map(string)
  default     = {}
}

variable "concurrency" {
  description = "Requests that one instance takes at the same time."
  type        = number
  default     = 80

  validation {
    condition     = var.concurrency >= 1 && var.concurrency <= 1000
    error_message = "Between 1 and 1000."
  }
}

variable "instances" {
  description = "Fewest and most instances; none at rest costs nothing and the first request waits for the start."
  type        = object({ min = number, max = number })
  default     = { min = 0, max = 10 }

  validation {
    condition     = var.instances.min >= 0 && var.instances.max >= 1 && var.instances.min <= var.instances.max
    error_message = "At least one instance, and not fewer than the fewest."
  }
}

variable "grants" {
  description = "Who may do what with the service; roles/run.invoker calls it."
  type        = map(object({ role = string, member = string }))
  default     = {}
}
